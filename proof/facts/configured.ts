import { evaluate, evaluateJson, type Scope } from "./evaluate";
import { Reference, Unknown, type Value } from "./facts";
import { isObject, type Json, type JsonObject } from "./parse-json";
import { parseTemplate } from "./parse-expression";

/**
 * What to make of an expression of which a plan tells only what it refers to: nothing (`unknown`), or that it is exactly
 * that (`trusted`), which a function or a constant beside the references would make wrong.
 */
export type ReadReferences = "unknown" | "trusted";

/**
 * The value of an attribute in a plan's `configuration`: an expression, or blocks of them. A plan holds the expressions of
 * a configuration written as JSON (cdktf's) whole, as `constant_value`; of HCL only the `references`.
 */
export function configured(node: Json, scope: Scope, references: ReadReferences): Value | undefined {
  if (Array.isArray(node))
    return (node as readonly Json[]).map((item) => configured(item, scope, references) ?? unreadable(scope));
  if (!isObject(node)) return undefined;
  if (isExpression(node)) return ofExpression(node, scope, references);
  return Object.fromEntries(
    Object.entries(node).map(([key, item]) => [key, configured(item ?? null, scope, references) ?? unreadable(scope)]),
  );
}

const isExpression = (node: JsonObject): boolean =>
  Object.keys(node).every((key) => key === "constant_value" || key === "references");

const unreadable = (scope: Scope) => new Unknown(scope.place, "the plan's configuration does not tell");

function ofExpression(node: JsonObject, scope: Scope, references: ReadReferences): Value {
  const named = Array.isArray(node.references) ? (node.references as readonly Json[]).map(String) : [];
  if (node.constant_value !== undefined)
    // Without references it is a plain value, in HCL perhaps one that only looks like a template.
    return named.length > 0 ? evaluateJson(node.constant_value, scope) : literal(node.constant_value, scope);
  if (references === "unknown")
    return new Unknown(
      scope.place,
      "of an expression in HCL a plan tells only what it refers to: apply first, or trust its references",
    );
  return trusted(named, scope);
}

const literal = (json: Json, scope: Scope): Value =>
  JSON.stringify(json).includes("${") ? unreadable(scope) : (json as Value);

/** An expression that refers to one thing is that thing; to several, a list of them. */
function trusted(named: readonly string[], scope: Scope): Value {
  // After each reference come the shorter ones that it holds: `a.b.id`, `a.b`.
  const longest = named.filter((name, index) => !named.slice(0, index).some((before) => isWithin(name, before)));
  const things = longest.filter((name) => !/^(count|each\.key|path|terraform)(\.|$)/.test(name));
  const keyed = longest.find((name) => name === "count.index" || name === "each.key");
  const values = things.map((name): Value => {
    const value = evaluate(parseTemplate(`\${${name}}`), scope);
    // `aws_subnet.a[count.index].id` is told as `aws_subnet.a` and `count.index`.
    const key = keyed === "count.index" ? scope.count : keyed === "each.key" ? scope.each?.key : undefined;
    if (key === undefined || value === null || typeof value !== "object") return value;
    return Object.hasOwn(value, key) ? (value as Readonly<Record<string, Value>>)[key]! : value;
  });
  const flat = values.flatMap((value) => (Array.isArray(value) ? (value as readonly Value[]) : [value])).map(asId);
  if (flat.length === 0) return unreadable(scope);
  return flat.length === 1 && !values.some((value) => Array.isArray(value)) ? flat[0]! : flat;
}

const isWithin = (name: string, longer: string): boolean =>
  longer.length > name.length && longer.startsWith(name) && /^[.[]/.test(longer.slice(name.length));

/** Of a splat or an index that is not constant, the plan does not tell the attribute: what others need is the id. */
const asId = (value: Value): Value =>
  value instanceof Reference && value.attribute === "" ? new Reference(value.address, "id") : value;
