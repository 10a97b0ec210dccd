import { describe, expect, test } from "@jest/globals";
import { CertificateAuthority } from "../../constructs/certificate-authority";
import { CA_ENV } from "../../policy/deployment";
import { testSite } from "../site";
import { synth } from "../synth";
import { siteParts } from "./site-parts";
import { matches, statements } from "./statements";

const site = testSite({ capacity: 600 });
const built = synth((stack) => {
  const { keys, roles, table, credentials, accessDocument, dmz } = siteParts(stack, site);
  const serverNames = {
    dns: [dmz.loadBalancer.lb.dnsName],
    ip: dmz.loadBalancer.addresses.map((address) => address.publicIp),
  };
  new CertificateAuthority(stack, "ca", { site, keys, roles, table, credentials, accessDocument, serverNames });
});

const FUNCTIONS = ["initialise", "rotate", "enrol", "activate"] as const;
type Name = (typeof FUNCTIONS)[number];
const secret = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:plant/${name}-AbCdEf`;
const allowed = (name: Name) => statements(built.at(`ca/${name}/policy`));
/** Whether a function's policy allows a call on a secret. */
const may = (name: Name, action: string, on: string) =>
  allowed(name).some(({ actions, resources }) => matches(actions, action) && matches(resources, secret(on)));
const invocation = (id: string) => built.at(`ca/${id}`);
const resource = (path: string) => built.ref(path, "x").slice(2, -3);

describe("CertificateAuthority", () => {
  test.each(FUNCTIONS)("%s runs the bundled code under its own role and knows the site", (name) => {
    expect(built.at(`ca/${name}/function`)).toMatchObject({
      function_name: `plant-ca-${name}`,
      role: built.ref(`service-roles/${name}`, "arn"),
      handler: `index.${name}`,
      runtime: "nodejs22.x",
      environment: {
        variables: {
          [CA_ENV.site]: "plant",
          [CA_ENV.host]: "mqtt.plant.example",
          [CA_ENV.credentialShards]: "3",
          [CA_ENV.accessShards]: "2",
        },
      },
    });
    expect(built.at(`ca/${name}/function`)).not.toHaveProperty("vpc_config");
  });

  test.each(FUNCTIONS)("%s keeps its log for a quarter of a year, encrypted, and writes to no other", (name) => {
    expect(built.at(`ca/${name}/log-group`)).toMatchObject({
      name: `/aws/lambda/plant-ca-${name}`,
      retention_in_days: 90,
      kms_key_id: built.ref("encryption-keys/data", "arn"),
    });
    const logs = allowed(name).filter(({ actions }) => actions.some((action) => action.startsWith("logs:")));
    expect(logs.map(({ actions, resources }) => [actions, resources])).toEqual([
      [["logs:CreateLogStream", "logs:PutLogEvents"], [`${built.ref(`ca/${name}/log-group`, "arn")}:*`]],
    ]);
  });

  // The whole of what each may do with AWS, apart from its log: action, then on what.
  const CALLS: Record<Name, readonly (readonly [actions: readonly string[], resources: readonly string[]])[]> = {
    initialise: [
      [
        ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
        ["ca", "server-certificate", "credentials/*"],
      ],
      [["dynamodb:GetItem", "dynamodb:PutItem"], ["manifest/credentials"]],
    ],
    rotate: [
      [["secretsmanager:GetSecretValue"], ["ca"]],
      [
        [
          "secretsmanager:GetSecretValue",
          "secretsmanager:PutSecretValue",
          "secretsmanager:DescribeSecret",
          "secretsmanager:UpdateSecretVersionStage",
        ],
        ["server-certificate"],
      ],
    ],
    enrol: [
      [["secretsmanager:GetSecretValue"], ["ca"]],
      [["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"], ["credentials/*"]],
      [["dynamodb:GetItem", "dynamodb:PutItem"], ["manifest/credentials"]],
    ],
    activate: [
      [["secretsmanager:GetSecretValue"], ["access/*"]],
      [["dynamodb:GetItem", "dynamodb:PutItem"], ["manifest/access"]],
    ],
  };

  test.each(FUNCTIONS)("%s may make exactly its own calls", (name) => {
    const table = built.ref("state-table/table", "arn");
    const described = allowed(name)
      .filter(({ actions }) => !actions[0]!.startsWith("logs:"))
      .map(({ actions, resources, Condition }) => [
        actions,
        resources.flatMap((on) =>
          on === table
            ? Condition["ForAllValues:StringEquals"]!["dynamodb:LeadingKeys"]!
            : on.replace(/^arn:aws:secretsmanager:eu-central-1:123456789012:secret:plant\/(.*)-\?{6}$/, "$1"),
        ),
      ]);
    expect(described).toEqual(CALLS[name]);
    expect(allowed(name).map(({ Effect }) => Effect)).not.toContain("Deny");
  });

  test("an item of the table is reached only by a request that names its key", () => {
    const onTable = FUNCTIONS.flatMap(allowed).filter(({ actions }) => actions.includes("dynamodb:PutItem"));
    expect(onTable).toHaveLength(3);
    for (const { Condition } of onTable) expect(Condition.Null).toEqual({ "dynamodb:LeadingKeys": "false" });
  });

  test("whoever may enrol can neither rewrite the CA nor touch the server certificate or the access document", () => {
    const forbidden = [
      ["secretsmanager:PutSecretValue", "ca"],
      ["secretsmanager:GetSecretValue", "server-certificate"],
      ["secretsmanager:PutSecretValue", "server-certificate"],
      ["secretsmanager:UpdateSecretVersionStage", "server-certificate"],
      ["secretsmanager:GetSecretValue", "access/0"],
      ["secretsmanager:PutSecretValue", "access/0"],
    ] as const;
    expect(forbidden.filter(([action, on]) => may("enrol", action, on))).toEqual([]);
    expect(may("enrol", "secretsmanager:PutSecretValue", "credentials/0")).toBe(true);
  });

  test("activate reads nothing secret and cannot write what it verifies", () => {
    expect(may("activate", "secretsmanager:GetSecretValue", "access/1")).toBe(true);
    expect(may("activate", "secretsmanager:PutSecretValue", "access/1")).toBe(false);
    for (const on of ["ca", "server-certificate", "credentials/0"])
      expect(may("activate", "secretsmanager:GetSecretValue", on)).toBe(false);
  });

  test("a secret whose name merely begins alike is out of reach", () => {
    const other = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:plant/ca-backup-AbCdEf";
    for (const name of FUNCTIONS)
      expect(allowed(name).filter(({ resources }) => matches(resources, other))).toEqual([]);
  });

  test("initialise is told what the server certificate must name, and runs again when that changes", () => {
    const input = JSON.parse(String(invocation("initialised").input)) as Record<string, unknown>;
    expect(input).toEqual({
      dns: ["mqtt.plant.example", built.ref("load-balancer/lb", "dns_name")],
      ip: ["a", "b"].map((zone) => built.ref(`load-balancer/address-eu-central-1${zone}`, "public_ip")),
      credentialShards: 3,
    });
  });

  test("initialise runs only when its permission, its log, the table and every secret it fills are there", () => {
    const wanted = [
      "ca/initialise/policy",
      "ca/initialise/log-group",
      "state-table/table",
      "credentials/certificate-authority",
      "credentials/server-certificate",
      "credentials/shard-0",
      "credentials/shard-1",
      "credentials/shard-2",
    ];
    expect(invocation("initialised").depends_on).toEqual(expect.arrayContaining(wanted.map(resource)));
  });

  test("activate is told each shard's written version and hash, and runs again when the document changes", () => {
    const input = JSON.parse(String(invocation("activated").input)) as {
      shards: { versionId: string; sha256: string }[];
      sha256: string;
    };
    expect(input.shards.map(({ versionId }) => versionId)).toEqual(
      [0, 1].map((shard) => built.ref(`access-document/shard-${shard}-version`, "version_id")),
    );
    expect(input.shards.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
    expect(input.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("Secrets Manager rotates the server certificate every 7 days, and nothing but it: the CA never", () => {
    expect(built.one("aws_secretsmanager_secret_rotation")).toMatchObject({
      secret_id: built.ref("credentials/server-certificate"),
      rotation_lambda_arn: built.ref("ca/rotate/function", "arn"),
      rotation_rules: { automatically_after_days: 7 },
      rotate_immediately: false,
      depends_on: expect.arrayContaining(["ca/rotate-permission", "ca/initialised"].map(resource)),
    });
  });

  test("rotate can be invoked by Secrets Manager for this account's server certificate and by no other service", () => {
    expect(built.one("aws_lambda_permission")).toMatchObject({
      function_name: built.ref("ca/rotate/function", "function_name"),
      principal: "secretsmanager.amazonaws.com",
      source_account: "123456789012",
      source_arn: built.ref("credentials/server-certificate", "arn"),
    });
  });
});
