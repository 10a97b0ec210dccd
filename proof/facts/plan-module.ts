import { BadInput } from "./bad-input";
import { configured, type ReadReferences } from "./configured";
import type { Scope } from "./evaluate";
import { type Block, Unknown, type Value } from "./facts";
import { isObject, type Json, type JsonObject } from "./parse-json";
import { resourceValue } from "./resource-value";

/** Which instances of a resource a plan has, by the address without its key. */
export type Instances = ReadonlyMap<string, readonly (string | number | undefined)[]>;

/** What all modules of a plan share. */
export interface PlanWorld {
  readonly file: string;
  readonly instances: Instances;
  /** Instances of a module's calls, by the address without its key. */
  readonly modules: ReadonlyMap<string, readonly (string | number | undefined)[]>;
  readonly variables: JsonObject;
  readonly references: ReadReferences;
  /** Names being evaluated, outermost first: one that comes again refers to itself. */
  readonly open: string[];
}

/** One instance of a module: its part of the configuration and what its names stand for. */
export class PlanModule {
  readonly #children = new Map<string, PlanModule>();
  readonly #resources: ReadonlyMap<string, JsonObject>;

  constructor(
    private readonly world: PlanWorld,
    /** `module.a["x"]`; empty for the root. */
    readonly address: string,
    private readonly configuration: JsonObject,
    private readonly parent?: {
      readonly module: PlanModule;
      readonly call: JsonObject;
      readonly key: string | number | undefined;
    },
  ) {
    const resources = Array.isArray(configuration.resources) ? (configuration.resources as readonly Json[]) : [];
    this.#resources = new Map(
      resources.filter(isObject).map((resource) => [String(resource.address), resource] as const),
    );
  }

  /** The configuration of a resource, by its address within the module and without key. */
  resource(address: string): JsonObject | undefined {
    return this.#resources.get(address);
  }

  /** Every resource declared here and below. */
  *declared(): Generator<JsonObject> {
    yield* this.#resources.values();
  }

  child(name: string, key: string | number | undefined): PlanModule | undefined {
    const address = joined(this.address, `module.${name}`) + suffix(key);
    const known = this.#children.get(address);
    if (known) return known;
    const calls = this.configuration.module_calls;
    const call = isObject(calls) ? calls[name] : undefined;
    if (!isObject(call) || !isObject(call.module)) return undefined;
    const child = new PlanModule(this.world, address, call.module, { module: this, call, key });
    this.#children.set(address, child);
    return child;
  }

  /** What names stand for in a resource (or, without one, in the module itself). */
  scope(place: string, resource?: { readonly declared: JsonObject; readonly key: string | number | undefined }): Scope {
    const scope: Scope = {
      place,
      local: (name) =>
        new Unknown(place, `'local.${name}' is not in a plan: prove the synthesized stack, or apply first`),
      variable: (name) => this.once(`var.${name}`, () => this.variable(name, place)),
      module: (name) => this.calls(name, place),
      resource: (mode, type, name) => {
        const local = `${mode === "data" ? "data." : ""}${type}.${name}`;
        const address = joined(this.address, local);
        const keys = this.world.instances.get(address);
        return keys ? resourceValue(address, keys) : undefined;
      },
    };
    const { key, declared } = resource ?? { key: this.parent?.key, declared: undefined };
    // Outside of its resources a module knows neither count nor each.
    if (!declared || key === undefined) return scope;
    if (typeof key === "number") return { ...scope, count: key };
    return { ...scope, each: { key, value: this.eachValue(declared.for_each_expression, key, scope) } };
  }

  private eachValue(expression: Json | undefined, key: string, scope: Scope): Value {
    const value = expression === undefined ? undefined : configured(expression, scope, this.world.references);
    if (Array.isArray(value)) return key;
    const found = isObject(value) && Object.hasOwn(value, key) ? (value as Block)[key] : undefined;
    return found ?? new Unknown(scope.place, "what 'each.value' is cannot be told before apply");
  }

  private variable(name: string, place: string): Value {
    if (!this.parent) {
      const given = this.world.variables[name];
      const value = isObject(given) ? given.value : undefined;
      return value === undefined ? new Unknown(place, `'var.${name}' is not known`) : (value as Value);
    }
    const { module, call, key } = this.parent;
    const expressions = isObject(call.expressions) ? call.expressions : {};
    const given = expressions[name];
    if (given !== undefined) {
      // In a call, count and each are the call's.
      const scope = module.scope(place, { declared: call, key });
      return configured(given, scope, this.world.references) ?? new Unknown(place, `'var.${name}' is not known`);
    }
    const variables = isObject(this.configuration.variables) ? this.configuration.variables : {};
    const declared = variables[name];
    const fallback = isObject(declared) ? declared.default : undefined;
    return fallback === undefined ? new Unknown(place, `'var.${name}' is not known`) : (fallback as Value);
  }

  private calls(name: string, place: string): Value {
    const keys = this.world.modules.get(joined(this.address, `module.${name}`));
    if (!keys) return new Unknown(place, `module '${name}' is not in the plan`);
    const outputs = keys.map((key) => [key, this.child(name, key)?.outputs(place) ?? {}] as const);
    if (outputs.length === 1 && outputs[0]![0] === undefined) return outputs[0]![1];
    if (keys.every((key) => typeof key === "number")) return outputs.map(([, block]) => block);
    return Object.fromEntries(outputs.map(([key, block]) => [String(key), block]));
  }

  private outputs(place: string): Block {
    const outputs = isObject(this.configuration.outputs) ? this.configuration.outputs : {};
    const scope = this.scope(place);
    // Evaluated when asked for: an output of no interest may refer to what is not understood, or to the caller.
    const block: Record<string, Value> = {};
    for (const [name, output] of Object.entries(outputs))
      Object.defineProperty(block, name, {
        enumerable: true,
        get: () =>
          this.once(`output.${name}`, () => {
            const expression = isObject(output) ? output.expression : undefined;
            const value = expression === undefined ? undefined : configured(expression, scope, this.world.references);
            return value ?? new Unknown(place, `output '${name}' of ${this.address} is not known`);
          }),
      });
    return block;
  }

  private once(name: string, evaluate: () => Value): Value {
    const { open, file } = this.world;
    const full = joined(this.address, name);
    if (open.includes(full))
      throw new BadInput(`${file}: ${full}`, `must not refer to itself, got ${[...open, full].join(" -> ")}`);
    open.push(full);
    try {
      return evaluate();
    } finally {
      open.pop();
    }
  }
}

/** `module.a` and `aws_x.y` as one address. */
export const joined = (module: string, address: string): string => (module === "" ? address : `${module}.${address}`);

/** A key as it stands in an address. */
export const suffix = (key: string | number | undefined): string =>
  key === undefined ? "" : `[${JSON.stringify(key)}]`;
