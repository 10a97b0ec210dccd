import { BadInput } from "./bad-input";
import { COMPUTED_NAME, evaluateJson, isComputedName, type Scope } from "./evaluate";
import { type Block, type Facts, Reference, type Resource, Template, Unknown, type Value } from "./facts";
import { jsonBlocks } from "./json-blocks";
import { makeFacts } from "./make-facts";
import { isObject, type Json, type JsonObject, object, parseJson } from "./parse-json";
import { resourceValue } from "./resource-value";
import { repeatedKey } from "./repeated-key";
import { readProviders } from "./read-providers";
import { synthPlaces } from "./places";
import { aliased } from "./provider-alias";

/** What a block may hold beside the resource's own attributes. */
const META: ReadonlySet<string> = new Set([
  "//",
  "connection",
  "count",
  "depends_on",
  "dynamic",
  "for_each",
  "lifecycle",
  "provider",
  "provisioner",
]);

interface Declared {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly address: string;
  readonly block: JsonObject;
}

/** Blocks of a configuration that are read, or that open nothing. */
const SECTIONS: ReadonlySet<string> = new Set([
  "//",
  "data",
  "locals",
  "module",
  "moved",
  "output",
  "provider",
  "resource",
  "terraform",
  "variable",
]);

/** Instances of one declaration: `[undefined]` without count and for_each. */
type Keys = readonly { readonly key: string | number | undefined; readonly value: Value }[];

/**
 * Facts of a synthesized stack (`cdk.tf.json`), its expressions evaluated as far as they can be without Terraform. What
 * cannot be told is Unknown or unread.
 *
 * @param file for the messages alone.
 * @throws BadInput with the place.
 */
export function readSynth(json: string, file = "cdk.tf.json"): Facts {
  const document = parseJson(json, file);
  // Terraform joins what is written twice, where JSON keeps the last.
  const twice = repeatedKey(json);
  if (twice !== undefined) throw new BadInput(file, `must name everything once in its object, got '${twice}' twice`);
  if (document.resource === undefined && document.terraform === undefined && document.provider === undefined)
    throw new BadInput(file, "must be a Terraform configuration as JSON, got neither 'resource' nor 'terraform'");
  if (document.planned_values !== undefined) throw new BadInput(file, "must be a synthesized stack, got a plan");
  const providers = readProviders(document, file);
  const unread: Unknown[] = [...providers.unread];
  for (const name of Object.keys(section(document, "module", file)))
    unread.push(new Unknown(`module.${name}`, "a synthesized stack does not hold its modules: prove the plan"));
  if (document.import !== undefined)
    unread.push(new Unknown(`${file}: 'import'`, "what is imported is there already, with more than is written here"));
  for (const name of Object.keys(document).filter((name) => name !== "import" && !SECTIONS.has(name)))
    unread.push(new Unknown(`${file}: '${name}'`, "is a kind of block that is not read"));

  const declared = [...declarations(document, "managed", file), ...declarations(document, "data", file)];
  const byAddress = new Map(declared.map((one) => [one.address, one]));
  const scopes = new Names(document, file, (address) => {
    const one = byAddress.get(address);
    if (!one) return undefined;
    const keys = keysOf(one, scopes);
    return keys instanceof Unknown
      ? keys
      : resourceValue(
          address,
          keys.map(({ key }) => key),
        );
  });
  const resources = declared.flatMap((one): Resource[] => {
    const keys = keysOf(one, scopes);
    if (keys instanceof Unknown) {
      unread.push(keys);
      return [];
    }
    if (one.block.provisioner !== undefined)
      unread.push(new Unknown(`${one.address}: 'provisioner'`, "it runs a program, which can do anything"));
    for (const name of Object.keys(one.block).filter(isComputedName))
      unread.push(new Unknown(`${one.address}: '${name}'`, COMPUTED_NAME));
    return keys.map(({ key, value }) => ({
      address: key === undefined ? one.address : `${one.address}[${JSON.stringify(key)}]`,
      mode: one.mode,
      type: one.type,
      provider: providers.of(one.type),
      ...aliased(one.block.provider),
      values: attributes(one, scopes, key, value),
    }));
  });
  return makeFacts("synth", file, resources, unread, new Map(), synthPlaces(document, declared));
}

/** How many names stand before a block's body. */
const LABELS: Readonly<Record<string, number>> = { resource: 2, data: 2, module: 1, variable: 1, output: 1, locals: 0 };

const section = (document: JsonObject, name: string, file: string): JsonObject =>
  jsonBlocks(document[name], LABELS[name] ?? 0, `${file}: '${name}'`);

function declarations(document: JsonObject, mode: Declared["mode"], file: string): Declared[] {
  const name = mode === "data" ? "data" : "resource";
  return Object.entries(section(document, name, file)).flatMap(([type, named]) =>
    Object.entries(object(named, `${file}: '${name}.${type}'`)).map(([id, block]) => {
      const address = `${mode === "data" ? "data." : ""}${type}.${id}`;
      return { mode, type, address, block: object(block, `${file}: ${address}`) };
    }),
  );
}

function keysOf({ address, block }: Declared, names: Names): Keys | Unknown {
  const { count, for_each: each } = block;
  if (count !== undefined) {
    const number = evaluateJson(count, names.scope(`${address}: 'count'`));
    const times = typeof number === "string" ? Number(number) : number;
    if (typeof times !== "number" || !Number.isInteger(times) || times < 0 || times > 10_000)
      return new Unknown(`${address}: 'count'`, "is not known before apply");
    return Array.from({ length: times }, (_, key) => ({ key, value: null }));
  }
  if (each === undefined) return [{ key: undefined, value: null }];
  const value = evaluateJson(each, names.scope(`${address}: 'for_each'`));
  const unknown = new Unknown(`${address}: 'for_each'`, "is not known before apply");
  if (Array.isArray(value)) {
    const items = value as readonly Value[];
    return items.every((item) => typeof item === "string") ? items.map((key) => ({ key, value: key })) : unknown;
  }
  if (!isBlock(value)) return unknown;
  return Object.entries(value).map(([key, item]) => ({ key, value: item }));
}

const isBlock = (value: Value): value is Block =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Reference || value instanceof Unknown || value instanceof Template);

function attributes(one: Declared, names: Names, key: string | number | undefined, value: Value): Block {
  const scope = (attribute: string): Scope => ({
    ...names.scope(`${one.address}: '${attribute}'`),
    ...(typeof key === "number" ? { count: key } : typeof key === "string" ? { each: { key, value } } : {}),
  });
  const plain = Object.entries(one.block)
    .filter(([name, json]) => !META.has(name) && json !== undefined)
    .map(([name, json]) => [name, evaluateJson(json as Json, scope(name))] as const);
  // Terraform alone unfolds them; beside what is written out, the block as a whole is not known.
  const dynamic = (Array.isArray(one.block.dynamic) ? (one.block.dynamic as readonly Json[]) : [one.block.dynamic])
    .filter(isObject)
    .flatMap((blocks) => Object.keys(blocks));
  const unknown = dynamic.map(
    (name) => [name, new Unknown(`${one.address}: '${name}'`, "a dynamic block: write its blocks out")] as const,
  );
  return Object.fromEntries([...plain, ...unknown, ...ignored(one)]);
}

/** What Terraform leaves as it is, whatever is written: only a plan shows it. */
function ignored({ address, block }: Declared): (readonly [string, Unknown])[] {
  const lifecycle = [block.lifecycle].flat().find(isObject);
  const named = [lifecycle?.ignore_changes ?? []].flat();
  const names = named.includes("all")
    ? Object.keys(block).filter((name) => !META.has(name))
    : named.flatMap((name) => (typeof name === "string" ? (/^[\w-]+/.exec(name)?.[0] ?? []) : []));
  return names.map((name) => {
    const place = `${address}: '${name}'`;
    return [name, new Unknown(place, "its changes are ignored, so that it may be what it was before: prove the plan")];
  });
}

/** What the names of a stack stand for. Locals may use each other, in any order, but not in a circle. */
class Names {
  readonly #locals: JsonObject;
  readonly #variables: JsonObject;
  readonly #evaluated = new Map<string, Value>();
  readonly #open: string[] = [];

  constructor(
    document: JsonObject,
    private readonly file: string,
    private readonly resource: (address: string) => Value | undefined,
  ) {
    this.#locals = section(document, "locals", file);
    this.#variables = section(document, "variable", file);
  }

  scope(place: string): Scope {
    return {
      place,
      local: (name) => this.#named(`local.${name}`, () => evaluateOr(this.#locals[name], this.scope(`local.${name}`))),
      variable: (name) => {
        const variable = this.#variables[name];
        const value = isObject(variable) ? variable.default : undefined;
        // What the default is says little: a deployment may set another.
        return new Unknown(
          place,
          `'var.${name}' is set when it is planned${value === undefined ? "" : ", whatever its default"}`,
        );
      },
      module: (name) => new Unknown(place, `what module '${name}' gives is not in a synthesized stack`),
      resource: (mode, type, name) => {
        const address = `${mode === "data" ? "data." : ""}${type}.${name}`;
        return this.#named(address, () => this.resource(address));
      },
    };
  }

  #named<Result extends Value | undefined>(name: string, evaluate: () => Result): Result {
    if (this.#evaluated.has(name)) return this.#evaluated.get(name) as Result;
    if (this.#open.includes(name))
      throw new BadInput(
        `${this.file}: ${name}`,
        `must not refer to itself, got ${[...this.#open, name].join(" -> ")}`,
      );
    this.#open.push(name);
    const value = evaluate();
    this.#open.pop();
    if (value !== undefined) this.#evaluated.set(name, value);
    return value;
  }
}

const evaluateOr = (json: Json | undefined, scope: Scope): Value =>
  json === undefined ? new Unknown(scope.place, "is not there") : evaluateJson(json, scope);
