import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { NOT_PUSHED } from "../../policy/not-pushed";
import type { Lifetime, Site } from "../../policy/site";
import riverside from "../../sites/riverside";
import { SiteStack } from "../../stacks/site-stack";
import { matches, statements } from "../constructs/statements";
import { tenThousandDevices } from "../sites/ten-thousand";
import { type Document, resources, synthesize } from "./synthesize";
import { reviewable } from "./reviewable";

const textOf = (site: Site) => synthesize((app) => new SiteStack(app, site.name, site));
const documentOf = (site: Site) => JSON.parse(textOf(site)) as Document;
const living = (lifetime: Lifetime): Site => ({ ...riverside, lifetime });
const POLICIES = ["policy", "assume_role_policy"];
const policiesOf = (document: Document) =>
  resources(document).flatMap(({ type, block }) =>
    POLICIES.filter((attribute) => typeof block[attribute] === "string").flatMap((attribute) =>
      statements(block, attribute).map((statement) => ({ type, ...statement })),
    ),
  );

describe("SiteStack", () => {
  test("is this, whole and reviewable", () => {
    expect(reviewable(textOf(riverside))).toMatchSnapshot();
  });

  test("two synths give the same bytes", () => {
    expect(textOf(riverside)).toBe(textOf(riverside));
  });

  test("names nothing of the machine that synthesized it", () => {
    expect(textOf(riverside)).not.toContain(process.cwd());
  });

  test("keeps its state in the bootstrap stack's bucket, encrypted and locked, and deploys to its own account alone", () => {
    const { terraform, provider } = documentOf(riverside);
    expect(terraform).toMatchObject({
      required_version: ">= 1.11.0",
      backend: {
        s3: {
          bucket: "mqtt-dmz-state-123456789012-eu-central-1",
          key: "riverside.tfstate",
          encrypt: true,
          use_lockfile: true,
          allowed_account_ids: ["123456789012"],
        },
      },
    });
    expect(provider).toMatchObject({
      aws: [
        {
          region: "eu-central-1",
          allowed_account_ids: ["123456789012"],
          default_tags: [{ tags: { project: "mqtt-dmz", site: "riverside", plant: "riverside" } }],
        },
      ],
    });
  });

  test("needs no data source, hence no credentials, to synthesize", () => {
    expect(documentOf(riverside)).not.toHaveProperty("data");
  });

  test("no policy allows an action by a wildcard", () => {
    const wide = policiesOf(documentOf(riverside)).filter(
      ({ Effect, actions }) => Effect === "Allow" && actions.some((action) => action.includes("*")),
    );
    expect(wide).toEqual([]);
  });

  test("only calls that know no narrower resource are allowed on every resource", () => {
    const roles = policiesOf(documentOf(riverside)).filter(({ type }) => type === "aws_iam_role_policy");
    expect(roles.length).toBeGreaterThan(10);
    const everywhere = roles.filter(({ resources: on }) => on.includes("*")).flatMap(({ actions }) => actions);
    expect(everywhere.sort()).toEqual(["ecr:GetAuthorizationToken", "logs:DescribeLogGroups"]);
  });

  test("no role but the three CA functions' may read the CA secret", () => {
    const document = documentOf(riverside);
    const ca = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:riverside/ca-AbCdEf";
    const readers = resources(document)
      .filter(({ type }) => type === "aws_iam_role_policy")
      .filter(({ block }) =>
        statements(block).some(
          ({ Effect, actions, resources: on }) =>
            Effect === "Allow" && matches(actions, "secretsmanager:GetSecretValue") && matches(on, ca),
        ),
      )
      .map(({ block }) => block.name);
    expect(readers.sort()).toEqual(["enrol", "initialise", "rotate"]);
  });

  test("an ephemeral site protects nothing from deletion, so that a destroy leaves nothing", () => {
    const text = textOf(living("ephemeral"));
    expect(text).not.toContain('"prevent_destroy": true');
    for (const { block } of resources(JSON.parse(text) as Document)) {
      expect(block).not.toMatchObject({ deletion_protection_enabled: true });
      expect(block).not.toMatchObject({ enable_deletion_protection: true });
      expect(block).not.toMatchObject({ skip_destroy: true });
      if ("recovery_window_in_days" in block) expect(block.recovery_window_in_days).toBe(0);
    }
  });

  test("a permanent site protects keys, secrets, table, store and the addresses that plants allow-list", () => {
    const PROTECTED = [
      "aws_dynamodb_table",
      "aws_efs_file_system",
      "aws_eip",
      "aws_kms_key",
      "aws_secretsmanager_secret",
    ];
    const found = resources(documentOf(living("permanent"))).filter(({ type }) => PROTECTED.includes(type));
    expect(new Set(found.map(({ type }) => type)).size).toBe(PROTECTED.length);
    for (const { block } of found) expect(block).toMatchObject({ lifecycle: { prevent_destroy: true } });
  });

  test("ten thousand devices add shards and nothing else", () => {
    const kinds = (site: Site) => resources(documentOf(site)).map(({ type }) => type);
    const more = kinds({ ...tenThousandDevices(), aws: riverside.aws });
    for (const type of kinds(riverside)) more.splice(more.indexOf(type), 1);
    expect(new Set(more)).toEqual(new Set(["aws_secretsmanager_secret", "aws_secretsmanager_secret_version"]));
    expect(more.length).toBeLessThanOrEqual(80);
  });

  test("a declared device changes one shard's value and what activates it, and no other resource", () => {
    const before = documentOf(riverside);
    const after = documentOf({
      ...riverside,
      identities: [...riverside.identities, { ...riverside.identities[0]!, name: "gw-new" }],
    });
    const changed = Object.keys(before.resource).filter(
      (type) => JSON.stringify(before.resource[type]) !== JSON.stringify(after.resource[type]),
    );
    expect(changed.sort()).toEqual(["aws_lambda_invocation", "aws_secretsmanager_secret_version"]);
  });

  test("every alarm says to every receiver when it goes off and when it is over; without receivers none says anything", () => {
    const alarmsOf = (alarms: Site["alarms"], lifetime: Lifetime) => {
      const { alarms: sample, ...site } = living(lifetime);
      expect(sample).toBeDefined();
      const document = documentOf(alarms ? { ...site, alarms } : site);
      const [own] = Object.keys(document.resource["aws_sns_topic"] ?? {}).map((id) => `\${aws_sns_topic.${id}.arn}`);
      const found = resources(document).filter(({ type }) => type === "aws_cloudwatch_metric_alarm");
      return { own, output: document.output["alarms"]!["value"], blocks: found.map(({ block }) => block) };
    };
    const topic = "arn:aws:sns:eu-central-1:210987654321:on-call";
    const email = ["ops@example.com"];
    for (const lifetime of ["permanent", "ephemeral"] as const) {
      const both = alarmsOf({ email, topic }, lifetime);
      expect(both.blocks.length).toBeGreaterThan(10);
      for (const block of both.blocks)
        expect(block).toMatchObject({ alarm_actions: [both.own, topic], ok_actions: [both.own, topic] });
      expect(both.output).toEqual(["ops@example.com", topic]);
      const nobody = alarmsOf(undefined, lifetime);
      expect(nobody.blocks).toHaveLength(both.blocks.length);
      for (const block of nobody.blocks) expect(block).not.toHaveProperty("alarm_actions");
      expect(nobody.output).toMatch(/^nobody is told/);
    }
  });

  test("docs/alarms.md tells what to do at each alarm, and of no other", () => {
    const page = readFileSync(join(__dirname, "../../docs/alarms.md"), "utf8");
    const told = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => `riverside-${name}`);
    const alarms = resources(documentOf(riverside)).filter(({ type }) => type === "aws_cloudwatch_metric_alarm");
    expect(told.sort()).toEqual(alarms.map(({ block }) => block.alarm_name).sort());
  });

  test("an unpushed image can be reviewed, though not deployed", () => {
    expect(textOf({ ...riverside, broker: { ...riverside.broker, image: NOT_PUSHED } })).toContain("precondition");
  });
});
