import { type Block, type Literal, Reference, Template, Unknown, type Value } from "./facts";
import { isObject, type Json } from "./parse-json";
import { type Expression, parseTemplate, type Step } from "./parse-expression";

/** What names stand for at one place of a configuration. */
export interface Scope {
  /** Where we are, for the reasons: `aws_lb.x: 'subnets'`. */
  readonly place: string;
  readonly local: (name: string) => Value;
  readonly variable: (name: string) => Value;
  /** A call of a module as a block of outputs, or a list or block of such. */
  readonly module: (name: string) => Value;
  /** A resource as a whole: a reference, or a list (count) or block (for_each) of them. Undefined: there is none. */
  readonly resource: (mode: "managed" | "data", type: string, name: string) => Value | undefined;
  readonly each?: { readonly key: string; readonly value: Value };
  readonly count?: number;
}

/** A JSON value of a configuration, its texts taken as templates. */
export function evaluateJson(json: Json, scope: Scope): Value {
  if (typeof json === "string") return evaluate(parseTemplate(json), scope);
  if (Array.isArray(json)) return (json as readonly Json[]).map((item) => evaluateJson(item, scope));
  if (isObject(json) && Object.keys(json).some(isComputedName)) return new Unknown(scope.place, COMPUTED_NAME);
  if (isObject(json))
    return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, evaluateJson(item ?? null, scope)]));
  return json as Literal;
}

/** In an object Terraform takes names for templates, too: `${"cidr_blocks"}` says what nobody here reads. */
export const isComputedName = (name: string): boolean => /[$%]\{/.test(name);
export const COMPUTED_NAME = "the name of an attribute is computed: write the name itself";

/** What an expression comes to: as much as can be told without applying. */
export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "opaque":
      return new Unknown(scope.place, `the expression '${shorten(expression.text)}' is not understood`);
    case "list":
      return expression.items.map((item) => evaluate(item, scope));
    case "object": {
      const entries = expression.entries.map(([key, value]) => [evaluate(key, scope), evaluate(value, scope)] as const);
      const odd = entries.find(([key]) => typeof key !== "string");
      if (odd) return new Unknown(scope.place, "an object's key is not known before apply");
      return Object.fromEntries(entries.map(([key, value]) => [String(key), value]));
    }
    case "template":
      return concatenate(expression.parts.map((part) => evaluate(part, scope)));
    case "call":
      return call(
        expression.name,
        expression.args.map((arg) => evaluate(arg, scope)),
        scope,
      );
    case "traversal":
      return traverse(expression.root, expression.steps, scope);
  }
}

/** A text of texts and references; what is neither makes the whole unknown. */
export function concatenate(values: readonly Value[]): Value {
  const parts: (string | Reference | Unknown)[] = [];
  for (const value of values.flatMap((value): readonly Value[] =>
    value instanceof Template ? value.parts : [value],
  )) {
    const last = parts.at(-1);
    if (value instanceof Reference || value instanceof Unknown) parts.push(value);
    else if (value === null || typeof value === "object")
      return new Unknown("a text", "a list or an object stands in it");
    else if (typeof last === "string") parts[parts.length - 1] = last + String(value);
    else parts.push(String(value));
  }
  return parts.every((part) => typeof part === "string") ? parts.join("") : new Template(parts);
}

/** A value as JSON text. Null: it cannot be one. */
function encode(value: Value): Value {
  if (value instanceof Reference || value instanceof Unknown) return new Template(['"', value, '"']);
  if (value instanceof Template) {
    const parts = value.parts.map((part) => (typeof part === "string" ? JSON.stringify(part).slice(1, -1) : part));
    return concatenate(['"', ...parts, '"']);
  }
  if (Array.isArray(value)) return concatenate(["[", ...separated((value as readonly Value[]).map(encode)), "]"]);
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as Block).map(([key, item]) =>
      concatenate([`${JSON.stringify(key)}:`, encode(item)]),
    );
    return concatenate(["{", ...separated(entries), "}"]);
  }
  return JSON.stringify(value);
}

const separated = (values: readonly Value[]): Value[] =>
  values.flatMap((value, index) => (index === 0 ? [value] : [",", value]));

const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

/** The functions whose result is plain to see whatever their arguments will be. */
const FUNCTIONS: Readonly<Record<string, (args: readonly Value[]) => Value | undefined>> = {
  jsonencode: ([value]) => (value === undefined ? undefined : encode(value)),
  tolist: ([value]) => (isList(value) ? value : undefined),
  toset: ([value]) => (isList(value) ? value : undefined),
  tomap: ([value]) => value,
  tostring: ([value]) => (typeof value === "number" || typeof value === "boolean" ? String(value) : textual(value)),
  tonumber: ([value]) => (typeof value === "number" ? value : undefined),
  sensitive: ([value]) => value,
  nonsensitive: ([value]) => value,
  concat: (args) => (args.every(isList) ? args.flat() : undefined),
  flatten: ([value]) => (isList(value) && value.every(plain) ? flat(value) : undefined),
  distinct: ([value]) => (isList(value) && value.every(isScalar) ? [...new Set(value)] : undefined),
  join: ([separator, value]) =>
    typeof separator === "string" && isList(value)
      ? concatenate(value.flatMap((item, index) => (index === 0 ? [item] : [separator, item])))
      : undefined,
  element: ([value, index]) =>
    isList(value) && value.length > 0 && typeof index === "number" && index >= 0
      ? value[index % value.length]
      : undefined,
};

const textual = (value: Value | undefined): Value | undefined =>
  typeof value === "string" || value instanceof Reference || value instanceof Template ? value : undefined;
const isScalar = (value: Value): boolean => value === null || typeof value !== "object";
/** Of which it is known whether it is a list. */
const plain = (value: Value): boolean => isScalar(value) || (isList(value) && value.every(plain));

const flat = (values: readonly Value[]): Value[] => values.flatMap((value) => (isList(value) ? flat(value) : [value]));

function call(name: string, args: readonly Value[], scope: Scope): Value {
  return (
    FUNCTIONS[name]?.(args) ??
    new Unknown(scope.place, `'${name}(...)' cannot be told before apply from what is written`)
  );
}

function traverse(root: string, steps: readonly Step[], scope: Scope): Value {
  const [first, second] = steps;
  const name = first?.kind === "attribute" ? first.name : undefined;
  const missing = () => new Unknown(scope.place, `refers to '${root}${name ? `.${name}` : ""}', which is not there`);
  if (root === "each")
    return scope.each && (name === "key" || name === "value")
      ? walk(scope.each[name], steps.slice(1), scope)
      : missing();
  if (root === "count") return scope.count !== undefined && name === "index" ? scope.count : missing();
  if (name === undefined) return missing();
  if (root === "local") return walk(scope.local(name), steps.slice(1), scope);
  if (root === "var") return walk(scope.variable(name), steps.slice(1), scope);
  if (root === "module") return walk(scope.module(name), steps.slice(1), scope);
  if (root !== "data") return walk(scope.resource("managed", root, name) ?? missing(), steps.slice(1), scope);
  if (second?.kind !== "attribute") return missing();
  return walk(scope.resource("data", name, second.name) ?? missing(), steps.slice(2), scope);
}

function walk(start: Value, steps: readonly Step[], scope: Scope): Value {
  let value = start;
  for (const [index, step] of steps.entries()) {
    if (value instanceof Unknown) return value;
    if (step.kind === "splat") {
      const rest = steps.slice(index + 1);
      return isList(value)
        ? value.map((item) => walk(item, rest, scope))
        : new Unknown(scope.place, "a splat of what may be a list or not");
    }
    const key = step.kind === "attribute" ? step.name : evaluate(step.key, scope);
    if (typeof key !== "string" && typeof key !== "number")
      return new Unknown(scope.place, "an index is not known before apply");
    value = child(value, key, scope);
  }
  return value;
}

function child(value: Value, key: string | number, scope: Scope): Value {
  if (value instanceof Reference) {
    const path = typeof key === "number" ? `[${key}]` : value.attribute === "" ? key : `.${key}`;
    return new Reference(value.address, value.attribute + path);
  }
  const found =
    value === null || typeof value !== "object" || value instanceof Template
      ? undefined
      : Object.hasOwn(value, key)
        ? (value as Record<string, Value>)[key]
        : undefined;
  return found === undefined ? new Unknown(scope.place, `'${key}' is not there`) : found;
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text);
