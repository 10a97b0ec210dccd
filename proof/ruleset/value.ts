import ipaddr from "ipaddr.js";
import { flagsWhere, hasFlags } from "./flags";
import { bitsOf, type Field, interfaceNames, wholeField } from "./fields";
import { IntervalSet } from "../interval-set";
import { NAMES } from "./names";
import type { Json, JsonObject } from "./ruleset";

const ADDRESS = /^ip6? [sd]addr$/;

const addressOf = (field: Field, text: string): bigint | undefined => {
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.parse(text);
  if ((address.kind() === "ipv4" ? 32 : 128) !== bitsOf(field)) return undefined;
  return address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
};

const wordOf = (field: Field, text: string): IntervalSet | undefined => {
  if (field === "iifname" || field === "oifname") return interfaceNames(text);
  if (ADDRESS.test(field)) {
    const address = addressOf(field, text);
    return address === undefined ? undefined : IntervalSet.just(address);
  }
  const names = NAMES[field];
  return names !== undefined && Object.hasOwn(names, text) ? IntervalSet.just(names[text]!) : undefined;
};

/** `meta protocol` and `ether type` may be written as numbers: of another numbering than `nfproto`. */
const numberOf = (field: Field, value: number): IntervalSet | undefined =>
  !Number.isSafeInteger(value) || field === "iifname" || field === "oifname" || (field === "nfproto" && value > 255)
    ? undefined
    : IntervalSet.just(value);

const prefixOf = (field: Field, { addr, len }: JsonObject): IntervalSet | undefined => {
  if (typeof addr !== "string" || typeof len !== "number") return undefined;
  if (!Number.isInteger(len) || len < 0 || len > bitsOf(field)) return undefined;
  const start = addressOf(field, addr);
  const size = 1n << BigInt(bitsOf(field) - len);
  return start === undefined
    ? undefined
    : IntervalSet.range(start - (start % size), start - (start % size) + size - 1n);
};

/** @returns the numbers that a right side stands for; undefined when it is not understood. */
export const valueOf = (field: Field, value: Json | undefined): IntervalSet | undefined => {
  if (typeof value === "number") return numberOf(field, value);
  if (typeof value === "boolean") return IntervalSet.just(value ? 1 : 0);
  if (typeof value === "string") return wordOf(field, value);
  if (Array.isArray(value)) {
    const each = (value as readonly Json[]).map((item) => valueOf(field, item));
    return each.every((set) => set !== undefined)
      ? IntervalSet.of(...each.flatMap(({ intervals }) => intervals))
      : undefined;
  }
  if (typeof value !== "object" || value === null || value === undefined) return undefined;
  const object = value as JsonObject;
  if (Array.isArray(object["set"])) return valueOf(field, object["set"] as readonly Json[]);
  const inner = object["elem"];
  if (typeof inner === "object" && inner !== null && "val" in inner)
    return valueOf(field, (inner as JsonObject)["val"]);
  const { prefix } = object;
  if (typeof prefix === "object" && prefix !== null) return prefixOf(field, prefix as JsonObject);
  if (Array.isArray(object["range"])) {
    const [low, high] = (object["range"] as readonly Json[]).map((end) => valueOf(field, end));
    return low?.lowest === undefined || high?.highest === undefined
      ? undefined
      : IntervalSet.range(low.lowest, high.highest);
  }
  return undefined;
};

const isWhole = (value: Json | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Every value of a narrow field for which the condition holds. */
const those = (field: Field, holds: (value: bigint) => boolean): IntervalSet | undefined => {
  if (bitsOf(field) > 16) return undefined;
  const kept: [bigint, bigint][] = [];
  for (let value = 0n; value < 1n << BigInt(bitsOf(field)); value++) if (holds(value)) kept.push([value, value]);
  return IntervalSet.of(...kept);
};

/** @returns the values of the field for which `field & mask <op> right` holds; undefined when it is not understood. */
export const valuesWhere = (
  field: Field,
  op: string,
  right: Json | undefined,
  mask?: Json,
): IntervalSet | undefined => {
  if (hasFlags(field)) return flagsWhere(field, op, right, mask);
  if (mask !== undefined) {
    // A family's number here is not the one that the kernel masks.
    if (!isWhole(mask) || !isWhole(right) || field === "nfproto") return undefined;
    const [bits, wanted] = [BigInt(mask), BigInt(right)];
    if (op === "==") return those(field, (value) => (value & bits) === wanted);
    return op === "!=" ? those(field, (value) => (value & bits) !== wanted) : undefined;
  }
  const set = valueOf(field, right);
  if (set === undefined || set.isEmpty) return op === "!=" && set !== undefined ? wholeField(field) : set;
  const [low, high] = [set.lowest!, set.highest!];
  const top = (1n << BigInt(bitsOf(field))) - 1n;
  switch (op) {
    case "==":
    case "in":
      return set;
    case "!=":
      return wholeField(field).subtract(set);
    case "<":
      return IntervalSet.range(0, low - 1n);
    case "<=":
      return IntervalSet.range(0, low);
    case ">":
      return IntervalSet.range(high + 1n, top);
    case ">=":
      return IntervalSet.range(high, top);
    default:
      return undefined;
  }
};
