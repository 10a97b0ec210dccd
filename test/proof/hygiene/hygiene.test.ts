import { describe, expect, test } from "@jest/globals";
import { readSynth } from "../../../proof/facts/read-synth";
import { HYGIENE_RULES, hygieneProperties, idleSuppressions } from "../../../proof/hygiene/hygiene-properties";
import type { HygieneInput } from "../../../proof/hygiene/hygiene-input";
import { readSuppressions } from "../../../proof/hygiene/read-suppressions";
import { proveProperties } from "../../../proof/prove-properties";
import { add, changedStack, find, type Stack } from "../secrets/riverside";

const inputOf = (change: (stack: Stack) => unknown, more: Partial<HygieneInput> = {}): HygieneInput => ({
  facts: readSynth(changedStack((stack) => void change(stack))),
  suppressions: [],
  today: "2026-11-22",
  ...more,
});
const prove = (input: HygieneInput) =>
  new Map(proveProperties(hygieneProperties(input), input).map(({ id, verdict }) => [id, verdict]));
const nothing = (): void => undefined;

test("every attribute rule holds of the shipped site", () => {
  const answers = [...prove(inputOf(nothing))].map(([id, verdict]) => [
    id,
    verdict.answer === "PROVEN" ? "PROVEN" : verdict,
  ]);
  expect(answers).toEqual(answers.map(([id]) => [id, "PROVEN"]));
  // Those about registries and buckets have nothing to look at in a site.
  expect(answers.length).toBe(HYGIENE_RULES.size - 2);
});

const container =
  (change: (definition: Record<string, unknown>) => void) =>
  (stack: Stack): void => {
    const task = find(stack, "aws_ecs_task_definition", "broker");
    const definitions = JSON.parse(String(task["container_definitions"])) as Record<string, unknown>[];
    change(definitions[0]!);
    task["container_definitions"] = JSON.stringify(definitions);
  };
const set =
  (type: string, part: string, attribute: string, value: unknown) =>
  (stack: Stack): void => {
    find(stack, type, part)[attribute] = value;
  };
const bucket =
  (blocked: boolean) =>
  (stack: Stack): void => {
    add(stack, "aws_s3_bucket", "b", { bucket: "images" });
    add(stack, "aws_s3_bucket_public_access_block", "b", {
      bucket: "${aws_s3_bucket.b.id}",
      block_public_acls: true,
      block_public_policy: blocked,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
  };
const registry =
  (word: string) =>
  (stack: Stack): void =>
    add(stack, "aws_ecr_repository", "r", {
      name: "r",
      image_tag_mutability: word,
      image_scanning_configuration: { scan_on_push: true },
    });

const BROKEN: readonly (readonly [rule: string, says: string, change: (stack: Stack) => void])[] = [
  ["buckets-are-closed", "no block of public access", bucket(false)],
  ["registries-are-immutable", "can be moved", registry("MUTABLE")],
  [
    "data-survives-mistakes",
    "gone at once",
    set("aws_secretsmanager_secret", "certificate-authority", "recovery_window_in_days", 0),
  ],
  [
    "data-survives-mistakes",
    "no deletion protection",
    set("aws_dynamodb_table", "state-table", "deletion_protection_enabled", false),
  ],
  [
    "health-checks-speak-tls",
    "clear text",
    set("aws_lb_target_group", "mqtt", "health_check", { protocol: "HTTP", path: "/" }),
  ],
  ["images-come-by-digest", "no digest", container((definition) => (definition["image"] = "broker:latest"))],
  ["keys-rotate", "does not 'enable_key_rotation'", set("aws_kms_key", "vault", "enable_key_rotation", false)],
  ["listeners-speak-tls", "no TLS is spoken", set("aws_lb_listener", "mqtt", "port", 1883)],
  ["listeners-speak-tls", "speaks no TLS", set("aws_lb_listener", "https", "protocol", "HTTP")],
  [
    "listeners-speak-tls",
    "TLS 1.1 or older",
    (stack) =>
      Object.assign(find(stack, "aws_lb_listener", "https"), {
        protocol: "TLS",
        ssl_policy: "ELBSecurityPolicy-2016-08",
      }),
  ],
  [
    "logs-are-encrypted-under-our-key",
    "no 'kms_key_id'",
    set("aws_cloudwatch_log_group", "broker_log-group", "kms_key_id", undefined),
  ],
  [
    "logs-are-kept-for-a-quarter",
    "other than 90 days",
    set("aws_cloudwatch_log_group", "broker_log-group", "retention_in_days", 1),
  ],
  [
    "logs-are-kept-for-a-quarter",
    "other than 90 days",
    set("aws_cloudwatch_log_group", "broker_log-group", "retention_in_days", undefined),
  ],
  [
    "mounts-speak-tls",
    "mounted without TLS",
    (stack) => {
      const task = find(stack, "aws_ecs_task_definition", "broker");
      task["volume"] = JSON.parse(
        JSON.stringify(task["volume"]).replace('"transit_encryption":"ENABLED"', '"transit_encryption":"DISABLED"'),
      );
    },
  ],
  [
    "names-asked-are-logged",
    "no resolver query log",
    (stack) => delete stack.resource["aws_route53_resolver_query_log_config_association"],
  ],
  ["nobody-enters-tasks", "enable_execute_command", set("aws_ecs_service", "broker", "enable_execute_command", true)],
  ["storage-is-encrypted", "not 'encrypted'", set("aws_efs_file_system", "message-store", "encrypted", false)],
  [
    "storage-is-encrypted",
    "server_side_encryption",
    set("aws_dynamodb_table", "state-table", "server_side_encryption", undefined),
  ],
  [
    "tasks-are-hardened",
    "can write its root",
    container((definition) => (definition["readonlyRootFilesystem"] = false)),
  ],
  ["tasks-are-hardened", "is privileged", container((definition) => (definition["privileged"] = true))],
  ["tasks-are-hardened", "runs as root", container((definition) => (definition["user"] = "0"))],
  ["tasks-are-hardened", "keeps capabilities", container((definition) => delete definition["linuxParameters"])],
  ["tasks-are-hardened", "of its own", set("aws_ecs_task_definition", "broker", "network_mode", "host")],
  ["traffic-is-logged", "no flow log", set("aws_flow_log", "network", "traffic_type", "REJECT")],
];

test.each(BROKEN)("%s says %s", (rule, says, change) => {
  const verdict = prove(inputOf(change)).get(rule);
  expect(verdict?.answer).toBe("VIOLATED");
  expect(JSON.stringify(verdict)).toContain(says);
});

const KEPT: readonly (readonly [rule: string, change: (stack: Stack) => unknown])[] = [
  ["buckets-are-closed", bucket(true)],
  ["registries-are-immutable", registry("IMMUTABLE")],
  [
    "listeners-speak-tls",
    (stack: Stack) =>
      Object.assign(find(stack, "aws_lb_listener", "https"), {
        protocol: "TLS",
        ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      }),
  ],
  [
    "keys-rotate",
    (stack: Stack) => add(stack, "aws_kms_key", "signing", { customer_master_key_spec: "ECC_NIST_P256" }),
  ],
];

test.each(KEPT)("%s holds of what it asks for", (rule, change) => {
  expect(prove(inputOf(change)).get(rule)?.answer).toBe("PROVEN");
});

test("an ephemeral site may be deleted, a permanent one not", () => {
  const change = set("aws_dynamodb_table", "state-table", "deletion_protection_enabled", false);
  expect(prove(inputOf(change, { lifetime: "ephemeral" })).get("data-survives-mistakes")?.answer).toBe("PROVEN");
  expect(prove(inputOf(change, { lifetime: "permanent" })).get("data-survives-mistakes")?.answer).toBe("VIOLATED");
});

test("what is not known is left open", () => {
  const verdict = prove(
    inputOf(set("aws_ecs_task_definition", "broker", "container_definitions", '${file("c.json")}')),
  ).get("tasks-are-hardened");
  expect(verdict).toMatchObject({ answer: "UNPROVEN", reasons: [{ says: "'container_definitions' is not known" }] });
});

describe("a suppression", () => {
  const change = set("aws_kms_key", "vault", "enable_key_rotation", false);
  const address = inputOf(nothing).facts.resources.find(
    (each) => each.address.startsWith("aws_kms_key") && each.address.includes("vault"),
  )!.address;
  const suppression = {
    rule: "keys-rotate",
    resource: address,
    reason: "the auditor wants to see the first rotation",
    until: "2026-11-22",
  };

  test("sets a finding aside, up to its last day, and is said", () => {
    const verdict = prove(inputOf(change, { suppressions: [suppression] })).get("keys-rotate");
    expect(verdict).toMatchObject({ answer: "PROVEN", says: expect.stringContaining("the auditor wants") });
  });

  test("fails the day after", () => {
    const verdict = prove(inputOf(change, { suppressions: [suppression], today: "2026-11-23" })).get("keys-rotate");
    expect(verdict?.answer).toBe("VIOLATED");
    expect(JSON.stringify(verdict)).toContain("ended on 2026-11-22");
  });

  test("is about one resource", () => {
    const other = { ...suppression, resource: "aws_kms_key.other" };
    const input = inputOf(change, { suppressions: [other] });
    expect(prove(input).get("keys-rotate")?.answer).toBe("VIOLATED");
    expect(idleSuppressions(input)).toEqual([other]);
    expect(idleSuppressions({ ...input, suppressions: [suppression] })).toEqual([]);
  });

  test.each([
    [{ ...suppression, reason: "because" }, "'reason' must say why in ten characters"],
    [{ ...suppression, reason: undefined }, "'reason' must be a text"],
    [{ ...suppression, until: "2026-02-30" }, "'until' must be a date"],
    [{ ...suppression, until: undefined }, "'until' must be a text"],
    [{ ...suppression, rule: "edge-accepts-no-new-inbound-packet" }, "'rule' must be an attribute rule"],
    [{ ...suppression, forever: true }, "'forever' must be one of"],
  ])("without reason, end or a rule that may be set aside is bad input: %j", (entry, message) => {
    expect(() => readSuppressions("s.json", { suppressions: [entry] }, HYGIENE_RULES)).toThrow(message);
  });

  test("reads what it should", () => {
    expect(readSuppressions("s.json", { suppressions: [suppression] }, HYGIENE_RULES)).toEqual([suppression]);
  });
});
