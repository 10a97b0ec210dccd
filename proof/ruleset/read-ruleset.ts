import { showValue } from "../../policy/show-value";
import { BadInput } from "../facts/bad-input";
import type { Step } from "../verdict";
import type { Chain, Family, Json, JsonObject, NamedSet, Rule, Ruleset } from "./ruleset";

const FAMILIES: readonly Family[] = ["inet", "ip", "ip6", "bridge", "netdev", "arp"];

/** They count, limit or describe, and let nothing through. */
const HARMLESS = new Set(["metainfo", "table", "counter", "quota", "limit", "ct timeout", "secmark", "synproxy"]);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

const priorityOf = (at: string, value: Json | undefined): number => {
  if (typeof value === "number") return value;
  throw new BadInput(`${at}: 'prio'`, `must be a number, got ${showValue(value)}`);
};

const textOf = (object: JsonObject, key: string, at: string): string => {
  const value = object[key];
  if (typeof value === "string") return value;
  throw new BadInput(`${at}: '${key}'`, `must be a text, got ${showValue(value)}`);
};

const familyOf = (object: JsonObject, at: string): Family => {
  const family = FAMILIES.find((known) => known === object["family"]);
  if (family !== undefined) return family;
  throw new BadInput(`${at}: 'family'`, `must be one of ${FAMILIES.join(", ")}, got ${showValue(object["family"])}`);
};

interface OpenChain extends Chain {
  readonly rules: Rule[];
}

const chainOf = (object: JsonObject, at: string): OpenChain => {
  const [family, table, name] = [familyOf(object, at), textOf(object, "table", at), textOf(object, "name", at)];
  const chain = { at: `${family} ${table} ${name}`, family, table, name, rules: [] };
  if (object["hook"] === undefined) return chain;
  return {
    ...chain,
    hook: {
      name: textOf(object, "hook", at),
      type: textOf(object, "type", at),
      priority: priorityOf(at, object["prio"]),
      // What the kernel does when none is named.
      policy: object["policy"] === "drop" ? "drop" : "accept",
    },
  };
};

/** Sets that a rule fills while packets pass. */
const filledByRules = (expr: readonly JsonObject[]): readonly string[] =>
  expr.flatMap((statement) =>
    ["set", "map"].flatMap((kind) => {
      const value = statement[kind];
      const name = isObject(value) ? value[kind] : undefined;
      return typeof name === "string" ? [name.replace(/^@/, "")] : [];
    }),
  );

/**
 * Reads what `nft -j list ruleset` prints.
 *
 * @throws BadInput with the place when it is something else.
 */
export const readRuleset = (file: string, json: unknown): Ruleset => {
  const list = isObject(json as Json) ? (json as JsonObject)["nftables"] : undefined;
  if (!isList(list))
    throw new BadInput(`${file}:`, "must be the output of 'nft -j list ruleset': an object with a list 'nftables'");
  const chains = new Map<string, OpenChain>();
  const sets = new Map<string, NamedSet>();
  const filled = new Set<string>();
  const dormant = new Set<string>();
  const unread: Step[] = [];
  let rules = 0;
  for (const [index, entry] of list.entries()) {
    const at = `${file}: nftables[${index}]`;
    const [[kind, value] = ["", null], ...others] = isObject(entry) ? Object.entries(entry) : [];
    if (!isObject(value) || others.length > 0)
      throw new BadInput(at, `must be an object of one kind, got ${showValue(entry)}`);
    if (kind === "chain") {
      const chain = chainOf(value, at);
      if (chains.has(chain.at)) throw new BadInput(at, `is the chain '${chain.at}' a second time`);
      chains.set(chain.at, chain);
    } else if (kind === "rule") {
      const key = `${familyOf(value, at)} ${textOf(value, "table", at)} ${textOf(value, "chain", at)}`;
      const chain = chains.get(key);
      const { expr } = value;
      if (chain === undefined) throw new BadInput(at, `is a rule of the chain '${key}', which is not there`);
      if (!isList(expr) || !expr.every(isObject))
        throw new BadInput(`${at}: 'expr'`, `must be a list, got ${showValue(expr)}`);
      const odd = expr.find((statement) => Object.keys(statement as JsonObject).length !== 1);
      if (odd !== undefined) throw new BadInput(`${at}: 'expr'`, `must say one thing each, got ${showValue(odd)}`);
      rules += 1;
      chain.rules.push({
        at: `${key} rule ${chain.rules.length + 1} (handle ${showValue(value["handle"])})`,
        expr: expr as readonly JsonObject[],
      });
      for (const name of filledByRules(expr as readonly JsonObject[]))
        filled.add(`${familyOf(value, at)} ${textOf(value, "table", at)} ${name}`);
    } else if (kind === "set" || kind === "map") {
      const [family, table, name] = [familyOf(value, at), textOf(value, "table", at), textOf(value, "name", at)];
      if (sets.has(`${family} ${table} ${name}`))
        throw new BadInput(at, `is the set '${family} ${table} ${name}' a second time`);
      const flags = [value["flags"] ?? []].flat();
      const changes = flags.includes("timeout") || flags.includes("dynamic");
      const elements = value["elem"] ?? [];
      sets.set(`${family} ${table} ${name}`, {
        family,
        table,
        name,
        type: value["type"] ?? null,
        changes,
        elements: isList(elements) ? elements : [elements],
      });
    } else if (kind === "element") {
      const key = `${familyOf(value, at)} ${textOf(value, "table", at)} ${textOf(value, "name", at)}`;
      const set = sets.get(key);
      const more = value["elem"] ?? [];
      if (set === undefined) throw new BadInput(at, `is an element of the set '${key}', which is not there`);
      sets.set(key, { ...set, elements: [...set.elements, ...(isList(more) ? more : [more])] });
    } else if (kind === "table" && [value["flags"] ?? []].flat().includes("dormant"))
      dormant.add(`${familyOf(value, at)} ${textOf(value, "name", at)}`);
    else if (!HARMLESS.has(kind)) unread.push({ at, says: `'${kind}' is not modelled` });
  }
  // nft(8), "Tables": the kernel takes the base chains of a dormant table from their hooks.
  for (const [key, { family, table }] of chains) if (dormant.has(`${family} ${table}`)) chains.delete(key);
  for (const key of filled) {
    const set = sets.get(key);
    if (set) sets.set(key, { ...set, changes: true });
  }
  return { chains, sets, unread, rules };
};
