import type { Conditions } from "./policy";
import { all, maybe, NO, type Truth, YES } from "./truth";
import { hasUnknownPart } from "./unknown-part";
import { matchesArn, matchesPattern } from "./wildcard";

/**
 * What is known of a request, by condition key in lower case. A list: the key's values; empty: the request does not have
 * the key. A key that is not listed at all may have any value, or none: whoever asks may be able to choose it.
 */
export type Context = ReadonlyMap<string, readonly string[]>;

type Compare = (wanted: string, found: string) => boolean;

const like: Compare = (wanted, found) => matchesPattern(wanted, found);

const COMPARES: Readonly<Record<string, Compare>> = {
  StringEquals: (wanted, found) => wanted === found,
  StringEqualsIgnoreCase: (wanted, found) => wanted.toLowerCase() === found.toLowerCase(),
  StringLike: like,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (wanted, found) => wanted.toLowerCase() === found.toLowerCase(),
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

const one = (operator: string, key: string, wanted: readonly string[], context: Context, at: string): Truth => {
  const unknown = maybe({ at, says: `its condition '${operator}' on '${key}' is not modelled` });
  const found = context.get(key.toLowerCase());
  if (found === undefined) return unknown;
  if (operator === "Null") {
    const truths = wanted.map((value) => value.toLowerCase());
    return truths.includes(found.length === 0 ? "true" : "false") ? YES : NO;
  }
  const set = /^For(All|Any)Values?:(.*)$/.exec(operator);
  const optional = operator.endsWith("IfExists");
  const name = (set?.[2] ?? operator).replace(/IfExists$/, "");
  const positive = NEGATED[name] ?? name;
  const compare = Object.hasOwn(COMPARES, positive) ? COMPARES[positive] : undefined;
  if (compare === undefined || wanted.some((value) => value.includes("${") || hasUnknownPart(value))) return unknown;
  // How AWS reads an ARN with fewer parts is not documented.
  if (positive.startsWith("Arn") && wanted.some((value) => value !== "*" && value.split(":").length < 6))
    return unknown;
  const matched = (value: string): boolean => wanted.some((pattern) => compare(pattern, value)) !== name in NEGATED;
  // IAM, "Multivalued context keys": ForAllValues holds without any value, ForAnyValue does not.
  if (set !== null) return (set[1] === "All" ? found.every(matched) : found.some(matched)) ? YES : NO;
  // A negated condition holds where the key is missing, any other does not.
  if (found.length === 0) return optional || name in NEGATED ? YES : NO;
  return found.length === 1 ? (matched(found[0]!) ? YES : NO) : unknown;
};

/** All keys of all operators must hold. */
export const conditionsHold = (conditions: Conditions, context: Context, at: string): Truth =>
  all(
    Object.entries(conditions).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => one(operator, key, wanted, context, at)),
    ),
  );
