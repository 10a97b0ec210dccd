import { repeatedKey } from "../facts/repeated-key";
import { Reference, Template, Unknown, type Value } from "../facts/facts";
import type { Conditions, Policy, PolicyStatement, Principals } from "./policy";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const texts = (value: unknown): readonly string[] | undefined => {
  const list: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return list.every((entry) => ["string", "number", "boolean"].includes(typeof entry)) ? list.map(String) : undefined;
};

const principalsOf = (value: unknown): Principals | undefined => {
  if (value === "*") return { everybody: true, aws: [], services: [] };
  if (!isObject(value)) return undefined;
  const [aws, services] = [texts(value["AWS"]), texts(value["Service"])];
  // Whom an identity provider lets in is not in the plan.
  const odd = Object.keys(value).some((key) => key !== "AWS" && key !== "Service");
  if (aws === undefined || services === undefined || odd) return undefined;
  return { everybody: aws.includes("*"), aws: aws.filter((name) => name !== "*"), services };
};

const conditionsOf = (value: unknown): Conditions | undefined => {
  if (value === undefined) return {};
  if (!isObject(value)) return undefined;
  const all: [string, Readonly<Record<string, readonly string[]>>][] = [];
  for (const [operator, keys] of Object.entries(value)) {
    if (!isObject(keys)) return undefined;
    const entries = Object.entries(keys).map(([key, wanted]) => [key, texts(wanted)] as const);
    if (entries.some(([, wanted]) => wanted === undefined)) return undefined;
    all.push([operator, Object.fromEntries(entries.map(([key, wanted]) => [key, wanted!]))]);
  }
  return Object.fromEntries(all);
};

const KNOWN = new Set(["Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"]);

const statementOf = (at: string, value: unknown): PolicyStatement => {
  const odd = (why: string): PolicyStatement => ({
    at,
    allows: true,
    actions: ["*"],
    notActions: [],
    resources: ["*"],
    notResources: [],
    conditions: {},
    odd: why,
  });
  if (!isObject(value)) return odd("is no object");
  const unknown = Object.keys(value).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) return odd(`has '${unknown}', which is not modelled`);
  const [actions, notActions] = [texts(value["Action"]), texts(value["NotAction"])];
  const [resources, notResources] = [texts(value["Resource"]), texts(value["NotResource"])];
  const conditions = conditionsOf(value["Condition"]);
  const principals = value["Principal"] === undefined ? undefined : principalsOf(value["Principal"]);
  if (value["Principal"] !== undefined && principals === undefined)
    return odd("has a 'Principal' that is not modelled");
  if (!actions || !notActions || !resources || !notResources || !conditions) return odd("is not understood");
  return {
    at,
    allows: value["Effect"] !== "Deny",
    ...(principals === undefined ? {} : { principals }),
    actions,
    notActions,
    resources,
    notResources,
    conditions,
  };
};

/**
 * Reads a policy document out of facts: what other resources will have stands in it as their ARN.
 *
 * @param name of the policy for reasons: `aws_kms_key.vault: 'policy'`.
 * @param nameOf a reference's text: an ARN, or anything that no other text equals.
 */
export const readPolicy = (
  name: string,
  value: Value | undefined,
  nameOf: (reference: Reference) => string,
): Policy => {
  const unread = (says: string): Policy => ({ statements: [], unread: [{ at: name, says }] });
  if (value instanceof Unknown) return unread(value.reason);
  const parts = value instanceof Template ? value.parts : [value];
  if (value instanceof Reference) return unread("is known after apply only");
  const lost = parts.find((part) => part instanceof Unknown);
  if (lost instanceof Unknown) return unread(lost.reason);
  const text = parts.map((part) => (part instanceof Reference ? nameOf(part) : part)).join("");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return unread("is not JSON");
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) return unread(`has '${twice}' twice in one object`);
  if (!isObject(document)) return unread("is no policy document");
  const statements = [document["Statement"]].flat();
  return {
    statements: statements.map((statement, index) => {
      const sid = isObject(statement) ? statement["Sid"] : undefined;
      return statementOf(`${name}, statement ${typeof sid === "string" ? `"${sid}"` : index + 1}`, statement);
    }),
    unread: [],
  };
};
