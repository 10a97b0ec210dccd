import { expect, test } from "@jest/globals";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readPlan } from "../../../proof/facts/read-plan";
import { readState } from "../../../proof/facts/read-state";
import { readSynth } from "../../../proof/facts/read-synth";
import type { Facts } from "../../../proof/facts/facts";
import { noSecretValues } from "../../../proof/secrets/no-secret-values";

const token = randomBytes(32).toString("base64url");
const prove = (facts: Facts) => noSecretValues.check({ facts, account: "", region: "", declared: [] });
const synth = (more: object) =>
  readSynth(JSON.stringify({ terraform: {}, resource: { aws_vpc: { v: { cidr_block: "10.0.0.0/16" } } }, ...more }));
const aws = "registry.terraform.io/hashicorp/aws";
const vpc = { address: "aws_vpc.v", mode: "managed", type: "aws_vpc", name: "v", provider_name: aws };
const plan = (more: object) =>
  readPlan(
    JSON.stringify({
      format_version: "1.2",
      planned_values: { root_module: { resources: [{ ...vpc, values: { cidr_block: "10.0.0.0/16" } }] } },
      configuration: { root_module: {} },
      ...more,
    }),
  );
const change = (detail: object) => [{ address: "aws_vpc.v", change: { actions: ["update"], ...detail } }];

const containers = (name: string, value: string) => ({
  container_definitions: JSON.stringify([{ name: "broker", environment: [{ name, value }] }]),
});

const LEAKS: readonly (readonly [string, () => Facts, string])[] = [
  ["an output", () => synth({ output: { a: { value: token } } }), "output.a"],
  ["an output in a list of blocks", () => synth({ output: [{ a: { value: token } }] }), "output.a"],
  ["a sensitive output", () => synth({ output: { a: { value: "short", sensitive: true } } }), "output.a"],
  ["a local", () => synth({ locals: { a: [token] } }), "locals.a[0]"],
  ["a variable's default", () => synth({ variable: { a: { default: token } } }), "variable.a.default"],
  ["a default by its name", () => synth({ variable: { db_password: { default: "tiger" } } }), "variable.db_password"],
  ["a provider's settings", () => synth({ provider: { aws: [{ secret_key: token }] } }), "provider.aws[0].secret_key"],
  ["a text that only looks like an expression", () => synth({ locals: { a: `$\${${token}}` } }), "locals.a"],
  [
    "an output of a state that looks like an expression",
    () => readState(JSON.stringify({ version: 4, resources: [], outputs: { a: { value: `\${${token}}` } } })),
    "output.a",
  ],
  [
    "a function's environment, by its variable's name",
    () =>
      synth({ resource: { aws_lambda_function: { f: { environment: [{ variables: { DB_PASSWORD: "tiger" } }] } } } }),
    "aws_lambda_function.f: 'environment[0].variables.DB_PASSWORD'",
  ],
  [
    "a container's environment, by its variable's name",
    () => synth({ resource: { aws_ecs_task_definition: { t: containers("MQTT_ADMIN_PASSWORD", "tiger") } } }),
    "aws_ecs_task_definition.t: 'container_definitions[0].environment[0].MQTT_ADMIN_PASSWORD'",
  ],
  ["a call in quotes", () => synth({ locals: { a: `\${base64encode("${token}")}` } }), "locals.a"],
  [
    "a provisioner",
    () =>
      synth({ resource: { aws_vpc: { v: { provisioner: [{ "local-exec": { command: `curl -H ${token} x` } }] } } } }),
    "aws_vpc.v: 'provisioner'",
  ],
  [
    "a connection",
    () => synth({ resource: { aws_vpc: { v: { connection: { password: "tiger" } } } } }),
    "aws_vpc.v: 'connection'.password",
  ],
  ["a data source", () => synth({ data: { aws_ssm_parameter: { p: { name: token } } } }), "data.aws_ssm_parameter.p"],
  ["a plan's variable", () => plan({ variables: { a: { value: token } } }), "variables.a"],
  [
    "a plan's sensitive variable",
    () =>
      plan({
        variables: { a: { value: "tiger" } },
        configuration: { root_module: { variables: { a: { sensitive: true } } } },
      }),
    "variables.a",
  ],
  [
    "a planned output",
    () => plan({ planned_values: { root_module: {}, outputs: { a: { sensitive: true, value: "tiger" } } } }),
    "planned_values.output.a",
  ],
  ["what was there before", () => plan({ resource_changes: change({ before: { note: token } }) }), "aws_vpc.v before"],
  ["what comes after", () => plan({ resource_changes: change({ after: { note: token } }) }), "aws_vpc.v after"],
  [
    "the prior state",
    () => plan({ prior_state: { values: { root_module: { resources: [{ ...vpc, values: { user_data: token } }] } } } }),
    "prior_state.aws_vpc.v.user_data",
  ],
  [
    "a provider in a plan's configuration",
    () =>
      plan({
        configuration: { provider_config: { aws: { expressions: { secret_key: { constant_value: token } } } } },
      }),
    "configuration.provider_config.aws.expressions.secret_key",
  ],
  [
    "a variable's default in a plan's configuration",
    () => plan({ configuration: { root_module: { variables: { db_password: { default: "tiger" } } } } }),
    "configuration.root_module.variables.db_password",
  ],
  [
    "a provisioner in a plan's configuration",
    () =>
      plan({
        configuration: {
          root_module: { resources: [{ provisioners: [{ expressions: { inline: { constant_value: [token] } } }] }] },
        },
      }),
    "configuration.root_module.resources[0].provisioners[0].expressions.inline[0]",
  ],
  [
    "a state's output",
    () => readState(JSON.stringify({ version: 4, resources: [], outputs: { a: { value: "tiger", sensitive: true } } })),
    "output.a",
  ],
];

test.each(LEAKS)("a secret in %s is found, with its place and without its value", (_, facts, place) => {
  const verdict = prove(facts());
  if (verdict.answer !== "VIOLATED") throw new Error(JSON.stringify(verdict));
  expect(verdict.counterexamples.map(({ target }) => target).join("\n")).toContain(place);
  expect(JSON.stringify(verdict)).not.toContain(token);
});

test.each(["/run/secrets/admin", "arn:aws:secretsmanager:eu-central-1:1:secret:a", "false", "", "${aws_vpc.v.id}"])(
  "where a variable's name says a password, '%s' is none",
  (value) => {
    const facts = synth({ resource: { aws_ecs_task_definition: { t: containers("MQTT_ADMIN_PASSWORD", value) } } });
    expect(prove(facts)).toMatchObject({ answer: "PROVEN" });
  },
);

test("what Terraform itself calls things is no secret: addresses, names, references", () => {
  const name = "edge-publisher_0261D645_AbCdEf0123456789";
  const address = `aws_iam_role.${name}`;
  const named = { ...vpc, address, name };
  expect(
    prove(
      plan({
        configuration: {
          root_module: {
            resources: [{ ...named, depends_on: [address], expressions: { role: { references: [`${address}.arn`] } } }],
            outputs: { a: { expression: { references: [`${address}.arn`, address] } } },
          },
        },
        prior_state: {
          values: {
            root_module: {
              child_modules: [{ resources: [{ ...named, depends_on: [address], values: { tags: {} } }] }],
            },
          },
        },
      }),
    ),
  ).toMatchObject({ answer: "PROVEN" });
});

test("what AWS names by a hash is no secret, and the id of another provider's resource may be one", () => {
  const applied = (type: string, values: object) =>
    readState(
      JSON.stringify({
        version: 4,
        resources: [
          { mode: "managed", type, name: "x", provider: `provider["${aws}"]`, instances: [{ attributes: values }] },
        ],
      }),
    );
  const hash = "riverside-ca-initialise_$LATEST_ed796b85376569d4f29f07c6ad513320";
  expect(prove(applied("aws_lambda_invocation", { id: hash, input: "{}" }))).toMatchObject({ answer: "PROVEN" });
  expect(prove(applied("aws_lb_listener", { ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06" }))).toMatchObject({
    answer: "PROVEN",
  });
  const pem = String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
  for (const [type, values] of [
    ["random_id", { id: token }],
    ["aws_sns_topic", { id: pem }],
    ["terraform_data", { input: { aws_keys: { prod: { id: token } } } }],
    ["terraform_data", { input: { ssl_policy: token } }],
    ["terraform_data", { input: { etag: pem } }],
  ] as const)
    expect(prove(applied(type, values))).toMatchObject({ answer: "VIOLATED" });
  expect(prove(applied("aws_lambda_invocation", { result: token }))).toMatchObject({ answer: "VIOLATED" });
});

const publicKey = String(generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));

test.each([
  ["an ARN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:plant/ca-AbC1dE"],
  ["a digest", `sha256:${"0a1b".repeat(16)}`],
  ["a public key", publicKey],
  ["an id", "vpc-0a1b2c3d4e5f67890"],
  ["a reference", "${aws_secretsmanager_secret.credentials_certificate-authority_0261D645.arn}"],
])("%s is no secret wherever it stands", (_, value) => {
  const everywhere = synth({
    locals: { a: value },
    output: { shown: { value } },
    variable: { a: { default: value } },
    provider: { aws: [{ profile: value }] },
  });
  expect(prove(everywhere)).toMatchObject({ answer: "PROVEN" });
  if (!value.startsWith("${"))
    expect(
      prove(plan({ variables: { a: { value } }, resource_changes: change({ before: { note: value } }) })),
    ).toMatchObject({ answer: "PROVEN" });
});
