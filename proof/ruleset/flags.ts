import { IntervalSet } from "../interval-set";
import { type Field, STATE } from "./fields";
import { NAMES } from "./names";
import type { Json, JsonObject } from "./ruleset";

/** Bits of `ct state` as the kernel compares them (`NF_CT_STATE_BIT`): masks and lists are about these. */
const STATE_BITS: Readonly<Record<keyof typeof STATE, number>> = {
  invalid: 1,
  established: 2,
  related: 4,
  new: 8,
  untracked: 64,
};

/** Fields whose values are sets of bits; of any other, a list on the right side means "one of them". */
export const hasFlags = (field: Field): boolean => field === "state" || field === "tcp flags";

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Bits put together: `["fin", "syn"]`, `{"|": ["fin", "syn"]}` and 3 are the same. */
const bitsIn = (field: Field, value: Json | undefined): number | undefined => {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 && value < 256 ? value : undefined;
  if (typeof value === "string") {
    const names: Readonly<Record<string, number>> = field === "state" ? STATE_BITS : (NAMES[field] ?? {});
    return Object.hasOwn(names, value) ? names[value] : undefined;
  }
  const parts = isObject(value) ? value["|"] : value;
  if (!Array.isArray(parts)) return undefined;
  const each = (parts as readonly Json[]).map((part) => bitsIn(field, part));
  return each.reduce<number | undefined>(
    (sum, part) => (sum === undefined || part === undefined ? undefined : sum | part),
    0,
  );
};

/** What a packet can have, and its bits: one state, or any flags at once. */
const possible = (field: Field): readonly (readonly [value: number, bits: number])[] =>
  field === "state"
    ? Object.entries(STATE_BITS).map(([name, bits]) => [STATE[name as keyof typeof STATE], bits] as const)
    : Array.from({ length: 256 }, (_, bits) => [bits, bits] as const);

/** @returns the values of a field of bits for which `field & mask <op> right` holds; undefined when it is not understood. */
export const flagsWhere = (
  field: Field,
  op: string,
  right: Json | undefined,
  mask: Json | undefined,
): IntervalSet | undefined => {
  const listed = isObject(right) && Array.isArray(right["set"]) ? (right["set"] as readonly Json[]) : undefined;
  const wanted = (listed ?? [right]).map((item) => {
    const element = isObject(item) ? item["elem"] : undefined;
    return bitsIn(field, isObject(element) ? element["val"] : item);
  });
  const seen = mask === undefined ? 255 : bitsIn(field, mask);
  if (seen === undefined || !wanted.every((bits) => bits !== undefined)) return undefined;
  const those = (holds: (bits: number) => boolean): IntervalSet =>
    IntervalSet.just(
      ...possible(field)
        .filter(([, bits]) => holds(bits & seen))
        .map(([value]) => value),
    );
  if (op === "==" || (op === "in" && listed !== undefined)) return those((bits) => wanted.includes(bits));
  if (op === "!=") return those((bits) => !wanted.includes(bits));
  // "None of them", as nft writes `& bits == 0`.
  if (op === "!") return those((bits) => (bits & wanted[0]!) === 0);
  return op === "in" ? those((bits) => (bits & wanted[0]!) !== 0) : undefined;
};
