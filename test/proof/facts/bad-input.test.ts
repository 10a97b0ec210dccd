import { describe, expect, test } from "@jest/globals";
import { BadInput } from "../../../proof/facts/bad-input";
import { readPlan } from "../../../proof/facts/read-plan";
import { readState } from "../../../proof/facts/read-state";
import { readSynth } from "../../../proof/facts/read-synth";

const plan = (changes: object) =>
  JSON.stringify({ format_version: "1.2", planned_values: { root_module: {} }, configuration: {}, ...changes });
const resource = (address: string) => ({
  address,
  mode: "managed",
  type: "aws_vpc",
  name: "v",
  provider_name: "registry.terraform.io/hashicorp/aws",
  values: {},
});

const BAD: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["a plan that is no JSON", () => readPlan("Terraform will perform"), /plan must be JSON/],
  ["a plan that is cut off", () => readPlan(plan({}).slice(0, -5)), /plan must be JSON/],
  [
    "a stack that names its resources twice, of which Terraform would make both",
    () => readSynth('{"terraform": {}, "resource": {"aws_vpc": {}}, "r\\u0065source": {}}'),
    /got 'resource' twice/,
  ],
  ["an empty file", () => readPlan(""), /plan must be JSON/],
  ["a plan that is a list", () => readPlan("[]"), /must hold a JSON object, got a list/],
  [
    "a plan that is a state",
    () => readPlan(JSON.stringify({ format_version: "1.0", values: {} })),
    /must be a plan, got a state, which 'dmz prove --state' reads/,
  ],
  ["a plan that is a state's file", () => readPlan(JSON.stringify({ version: 4 })), /must be a plan, got a state/],
  ["JSON of something else", () => readPlan("{}"), /got no 'planned_values'/],
  ["JSON of something else with a version", () => readPlan('{"version": "0.1.0"}'), /got no 'planned_values'/],
  [
    "what 'terraform plan -out' writes",
    () => readPlan("PK\u0003\u0004\u0014..."),
    /must be what 'terraform show -json <plan>' prints, got the plan in Terraform's own form/,
  ],
  [
    "a plan of another format",
    () => readPlan(plan({ format_version: "2.0" })),
    /'format_version' must be 1.x, got "2.0"/,
  ],
  ["a plan that failed", () => readPlan(plan({ errored: true })), /ended with an error/],
  [
    "a plan without its configuration",
    () => readPlan(plan({ configuration: undefined })),
    /'configuration' must be there/,
  ],
  [
    "a plan whose resources are no list",
    () => readPlan(plan({ planned_values: { root_module: { resources: {} } } })),
    /'resources' must be a list/,
  ],
  [
    "a plan whose resource has no type",
    () => readPlan(plan({ planned_values: { root_module: { resources: [{ address: "a.b", values: {} }] } } })),
    /a\.b: 'type' must be a text/,
  ],
  [
    "a resource that is there twice",
    () =>
      readPlan(
        plan({ planned_values: { root_module: { resources: [resource("aws_vpc.v"), resource("aws_vpc.v")] } } }),
      ),
    /aws_vpc\.v must be there once/,
  ],
  ["a file nested too deep", () => readPlan("[".repeat(100_000)), /plan must/],
  [
    "an object nested too deep",
    () => readPlan(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`),
    /nested deeper than 200/,
  ],
  ["a stack that is a plan", () => readSynth(plan({})), /must be a Terraform configuration/],
  ["a stack whose resources are a list", () => readSynth('{"resource":[3]}'), /'resource' must be an object/],
  [
    "a stack whose locals refer to each other",
    () =>
      readSynth(
        JSON.stringify({
          locals: { a: "${local.b}", b: "${local.a}" },
          resource: { aws_vpc: { v: { cidr_block: "${local.a}" } } },
        }),
      ),
    /local\.a must not refer to itself, got .*local\.b/,
  ],
  [
    "resources whose attributes refer to each other",
    () =>
      readSynth(
        JSON.stringify({
          resource: {
            aws_vpc: { a: { cidr_block: "${aws_vpc.b.cidr_block}" }, b: { cidr_block: "${aws_vpc.a.cidr_block}" } },
          },
        }),
      ),
    /must not refer to itself/,
  ],
  [
    "a count that refers to itself",
    () => readSynth(JSON.stringify({ resource: { aws_vpc: { a: { count: "${aws_vpc.a}" } } } })),
    /must not refer to itself/,
  ],
  ["a state that is a plan", () => readState(plan({})), /must be a state, got a plan/],
  ["a state of another version", () => readState('{"version":3}'), /'version' must be 4/],
  ["a state without a version", () => readState("{}"), /'format_version' must be 1.x, got nothing/],
];

/** `DMZ_PROOF_PLAN_MB=200` is the size that the reader was measured with. */
const MEGABYTES = Number(process.env.DMZ_PROOF_PLAN_MB ?? 30);

describe("input that is not what it should be", () => {
  test.each(BAD)("is refused with its place: %s", (_, read, message) => {
    expect(read).toThrow(BadInput);
    expect(read).toThrow(message);
  });

  test(`of ${MEGABYTES} MB is read in bounded time`, () => {
    const many = Array.from({ length: MEGABYTES * 420 }, (_, index) => ({
      ...resource(`aws_vpc.v[${index}]`),
      values: { tags: { note: "x".repeat(2_300) } },
    }));
    const started = performance.now();
    const text = plan({ planned_values: { root_module: { resources: many } } });
    expect(text.length).toBeGreaterThan(MEGABYTES * 1_000_000);
    expect(readPlan(text).resources).toHaveLength(MEGABYTES * 420);
    // Milliseconds, generous: a shared machine is slow at times, a reader that is not linear is so always.
    expect(performance.now() - started).toBeLessThan(MEGABYTES * 500);
  }, 120_000);
});
