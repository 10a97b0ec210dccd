import { type Facts, Reference, Template, Unknown, type Value } from "../facts/facts";
import { containersOf } from "../hygiene/container-definitions";
import type { Counterexample, Property } from "../verdict";
import { isBlock } from "./account-facts";
import { looksSecret, secretShape } from "./looks-secret";
import { readAccount } from "./read-account";
import type { SecretsInput } from "./secrets-input";

/** Attributes that hold a secret by their meaning, whatever it looks like. `_wo` ones are never stored. */
const BY_NAME =
  /(^|_)(password|secret_string|secret_binary|private_key|private_key_pem|auth_token|preshared_key|secret|ses_smtp_password_v4)$/;

const texts = (place: string, value: Value): readonly (readonly [string, string])[] => {
  if (typeof value === "string") return [[place, value]];
  if (value === null || typeof value !== "object" || value instanceof Reference || value instanceof Unknown) return [];
  if (value instanceof Template)
    return value.parts.flatMap((part) => (typeof part === "string" ? [[place, part] as const] : []));
  if (Array.isArray(value))
    return (value as readonly Value[]).flatMap((item, index) => texts(`${place}[${index}]`, item));
  return Object.entries(value).flatMap(([key, item]) => texts(place === "" ? key : `${place}.${key}`, item as Value));
};

/** Paths and hashes of what is deployed: random to look at, and public. What has the form of a key is one there, too. */
const RANDOM_BY_NATURE = /^(filename|source_code_hash|code_sha256|etag|content_md5)$/;

/** A shard of the access document says who may do what: it holds no secret, and everybody who reviews it reads it. */
const isAccessShard = (text: string): boolean => {
  try {
    const value = JSON.parse(text) as unknown;
    return (
      typeof value === "object" && value !== null && "identities" in value && "roles" in value && !("records" in value)
    );
  } catch {
    return false;
  }
};

/** What AWS or a provider fills in during apply is in the state then, in plain text, though no plan shows it. */
const FILLED_IN = new Set([
  "random_password",
  "random_bytes",
  "tls_private_key",
  "aws_iam_access_key",
  "aws_iam_user_login_profile",
  "data.aws_secretsmanager_secret_version",
  "data.aws_secretsmanager_random_password",
  "data.aws_kms_secrets",
  "data.aws_ecr_authorization_token",
]);

const filledIn = (facts: Facts): readonly Counterexample[] =>
  facts.resources
    .filter(({ mode, type }) => FILLED_IN.has(mode === "data" ? `data.${type}` : type))
    .map(({ address }) => ({
      source: "everybody who reads the plan or the state",
      target: address,
      path: [{ at: address, says: "leaves its secret in the state when it is applied" }],
    }));

/** The answer of a function that hands out what it makes with a secret: Terraform keeps it. */
const answered = ({ facts, declared, ...id }: SecretsInput): readonly Counterexample[] => {
  const roles = declared.flatMap(({ usedThrough = [] }) => usedThrough);
  if (roles.length === 0) return [];
  const handing = readAccount(facts, id).runners.filter(({ isFunction, role }) => isFunction && roles.includes(role));
  const isOneOf = (name: Value | undefined): boolean =>
    name instanceof Reference
      ? handing.some(({ address }) => address === name.address)
      : typeof name === "string" && handing.some(({ arns }) => name.includes(arns[0]!.split(":").at(-1)!));
  return facts.resources
    .filter(({ type, values }) => type === "aws_lambda_invocation" && isOneOf(values["function_name"]))
    .map(({ address }) =>
      example(address, "leaves in the state what the function hands out to whoever invokes it, when it is applied"),
    );
};

/** As programs name what they are told in their environment. A path, an ARN, a switch and what is known
 * after apply are no secret there. */
const VARIABLE =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|PRIVATE_KEY|SECRET_KEY|API_KEY|CLIENT_SECRET|AUTH_TOKEN|ACCESS_TOKEN)$/;
const NO_SECRET = /^(arn:|true$|false$|$)|\/|\$\{unknown\}/;

/** Variables of environments: attributes by name, or pairs of name and value, in the JSON of containers, too. */
const variables = (place: string, value: Value): readonly (readonly [place: string, name: string, text: string])[] => {
  if (Array.isArray(value))
    return (value as readonly Value[]).flatMap((item, index) => variables(`${place}[${index}]`, item));
  if (!isBlock(value)) return [];
  const { name, value: text } = value;
  const pair = typeof name === "string" && typeof text === "string" ? [[`${place}.${name}`, name, text] as const] : [];
  return [
    ...pair,
    ...Object.entries(value).flatMap(([key, item]) => {
      const at = place === "" ? key : `${place}.${key}`;
      if (key === "container_definitions") return variables(at, (containersOf(item) ?? []) as Value);
      return typeof item === "string" ? [[at, key, item] as const] : variables(at, item);
    }),
  ];
};

const inEnvironments = ({ resources }: Facts): readonly Counterexample[] =>
  resources.flatMap(({ address, values }) =>
    variables("", values)
      .filter(([, name, text]) => VARIABLE.test(name) && !NO_SECRET.test(text))
      .map(([place]) => example(`${address}: '${place}'`, "holds a secret by its name")),
  );

/** What stands where a name says that a secret does, and is none: whose it is, or where it will come from. */
const POINTS_TO_IT = /^(arn:|$)/;
/** Parts of a plan that stand between a thing's name and its value. */
const WRAPPED = /\.(value|default|constant_value|before|after)$/;

/** Of a configuration: the text of an expression is code, what it quotes is data; `$${` begins none. */
const withoutExpressions = (text: string): string =>
  text.replace(/(?<!\$)\$\{([^}]*)\}/g, (_, code: string) => (code.match(/"[^"]*"/g) ?? []).join(" "));

const secretIn = (place: string, text: string, byName: boolean): string | undefined => {
  const attribute = place
    .replace(WRAPPED, "")
    .split(".")
    .at(-1)!
    .replace(/\[\d+\]$/, "");
  if (text === "" || isAccessShard(text)) return undefined;
  if (RANDOM_BY_NATURE.test(attribute)) return secretShape(text);
  return byName && BY_NAME.test(attribute) ? "holds a secret by its name" : looksSecret(text);
};

// The value itself is not repeated here: a report is read by more people than a plan.
const example = (target: string, says: string): Counterexample => ({
  source: "everybody who reads the plan or the state",
  target,
  path: [{ at: target, says }],
});

const inResources = ({ resources }: Facts): readonly Counterexample[] =>
  resources.flatMap(({ address, values }) =>
    texts("", values).flatMap(([place, text]) => {
      const why = secretIn(`${address}.${place}`, text, true);
      return why === undefined ? [] : [example(`${address}: '${place}'`, why)];
    }),
  );

const inPlaces = ({ source, places }: Facts): readonly Counterexample[] =>
  places.flatMap(({ place: outer, value, sensitive }) => {
    // In a state nothing is an expression any more; a plan quotes its configuration.
    const data = source === "state" ? (raw: string) => raw : withoutExpressions;
    const all = texts(outer, value).map(([place, raw]) => [place, data(raw).trim()] as const);
    if (sensitive === true && value !== null && value !== "")
      return [example(outer, "is declared sensitive, and a plan and a state hold it in clear")];
    return all.flatMap(([place, text]) => {
      const why = secretIn(place, text, !POINTS_TO_IT.test(text));
      return why === undefined ? [] : [example(place, why)];
    });
  });

export const noSecretValues: Property<SecretsInput> = {
  id: "no-secret-value-in-plan-or-state",
  what: "No value in the plan or state is a secret: no attribute, variable, local, output, provider setting or earlier value is a password, private key or token by its name, its shape or its randomness, or a sensitive output.",
  why: "Plans and states are shared with everybody who deploys or reviews, and kept for years.",
  promises: ["P3", "P4"],
  controls: ["M0941", "SR 4.1", "SC-28", "IA-5"],
  check: (input) => {
    const { facts } = input;
    const counterexamples = [
      ...filledIn(facts),
      ...answered(input),
      ...inResources(facts),
      ...inEnvironments(facts),
      ...inPlaces(facts),
    ];
    const checked =
      facts.resources.reduce((sum, { values }) => sum + texts("", values).length, 0) +
      facts.places.reduce((sum, { place, value }) => sum + texts(place, value).length, 0);
    if (counterexamples.length > 0) return { answer: "VIOLATED", counterexamples: counterexamples.slice(0, 20) };
    return checked === 0
      ? { answer: "UNPROVEN", reasons: [{ at: "plan", says: "it has no value to look at" }] }
      : { answer: "PROVEN", checked, says: `${checked} values, none of them a secret` };
  },
};
