import { type Field } from "./fields";
import { IntervalSet } from "../interval-set";
import { type Key, keyOf } from "./key";
import { type Region, setOf } from "./packets";
import type { Chain, Json, JsonObject, NamedSet, Ruleset } from "./ruleset";
import { valuesWhere } from "./value";

/** Packets in one of the regions match, all others do not; undefined: it is not understood. */
export type Matching = readonly Region[] | undefined;

export interface Place {
  readonly ruleset: Ruleset;
  readonly chain: Chain;
  /** Whether conntrack has seen the packets that come here. */
  readonly tracked: boolean;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Written into a set's elements, whatever stands around it. */
const bare = (element: Json): Json => {
  const inner = isObject(element) ? element["elem"] : undefined;
  return isObject(inner) && "val" in inner ? inner["val"]! : element;
};

export const namedSet = ({ ruleset, chain }: Place, value: Json | undefined): NamedSet | undefined =>
  typeof value === "string" && value.startsWith("@")
    ? ruleset.sets.get(`${chain.family} ${chain.table} ${value.slice(1)}`)
    : undefined;

/** Whether an address is in a set whose content changes is a field of its own: any answer is possible, but one at a time. */
export const memberField = ({ family, table, name }: NamedSet, field: Field): Field =>
  `@${family} ${table} ${name}: ${field}`;

const narrow = (needs: Region, field: Field, set: IntervalSet): Region =>
  new Map(needs).set(field, setOf(needs, field).intersect(set));

const single = (key: Key, op: string, right: Json | undefined, place: Place): Matching => {
  if (typeof right === "string" && right.startsWith("@")) {
    const set = namedSet(place, right);
    if (set === undefined || key.mask !== undefined) return undefined;
    if (set.changes) return [narrow(key.needs, memberField(set, key.field), IntervalSet.just(op === "!=" ? 0 : 1))];
    return single(key, op, { set: set.elements }, place);
  }
  const values = valuesWhere(key.field, op, right, key.mask);
  if (values === undefined) return undefined;
  const narrowed = narrow(key.needs, key.field, values);
  return setOf(narrowed, key.field).isEmpty ? [] : [narrowed];
};

/** The elements that a right side lists, or undefined when it changes or is not understood. */
const listed = (right: Json | undefined, place: Place): readonly Json[] | undefined => {
  const set = namedSet(place, right);
  if (set !== undefined) return set.changes ? undefined : set.elements;
  if (isObject(right) && Array.isArray(right["set"])) return right["set"] as readonly Json[];
  return isObject(right) && right["concat"] !== undefined ? [right] : undefined;
};

const joined = (keys: readonly Key[], element: Json): Region | undefined => {
  const value = bare(element);
  const parts = isObject(value) ? value["concat"] : undefined;
  if (!Array.isArray(parts) || parts.length !== keys.length) return undefined;
  let all: Region = new Map();
  for (const [index, key] of keys.entries()) {
    const set = key.mask === undefined ? valuesWhere(key.field, "==", (parts as readonly Json[])[index]) : undefined;
    if (set === undefined) return undefined;
    for (const [field, need] of key.needs) all = narrow(all, field, need);
    all = narrow(all, key.field, set);
  }
  return all;
};

const concatKeys = (left: Json | undefined, tracked: boolean): readonly Key[] | undefined => {
  const parts = isObject(left) ? left["concat"] : undefined;
  if (!Array.isArray(parts)) return undefined;
  const keys = (parts as readonly Json[]).map((part) => keyOf(part, tracked));
  return keys.every((key) => key !== undefined) ? keys : undefined;
};

/** A whole match statement. */
export const matching = (match: JsonObject, place: Place): Matching => {
  const { left, right } = match;
  const op = typeof match["op"] === "string" ? match["op"] : "==";
  const keys = concatKeys(left, place.tracked);
  if (keys !== undefined) {
    const elements = op === "==" || op === "in" ? listed(right, place) : undefined;
    const regions = elements?.map((element) => joined(keys, element));
    return regions?.every((each) => each !== undefined) ? regions : undefined;
  }
  const key = keyOf(left, place.tracked);
  return key === undefined ? undefined : single(key, op, right, place);
};

/** One entry of a verdict map: which packets, and what becomes of them. */
export interface MapEntry {
  readonly regions: readonly Region[];
  readonly verdict: JsonObject;
}

/** A verdict map's entries; undefined when one is not understood or the map changes. */
export const mapEntries = (vmap: JsonObject, place: Place): readonly MapEntry[] | undefined => {
  const { key: left, data } = vmap;
  const elements = listed(data, place);
  const keys = concatKeys(left, place.tracked);
  const entries = elements?.map((element): MapEntry | undefined => {
    if (!Array.isArray(element) || element.length !== 2) return undefined;
    const [value, verdict] = element as unknown as readonly [Json, Json];
    if (!isObject(verdict)) return undefined;
    if (keys !== undefined) {
      const found = joined(keys, value);
      return found === undefined ? undefined : { regions: [found], verdict };
    }
    const key = keyOf(left, place.tracked);
    const regions = key === undefined ? undefined : single(key, "==", bare(value), place);
    return regions === undefined ? undefined : { regions, verdict };
  });
  return entries?.every((entry) => entry !== undefined) ? entries : undefined;
};
