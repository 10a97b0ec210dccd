import { type Block, Reference, Template, Unknown, type Value } from "../facts/facts";
import { type Finding, Unreadable } from "./attribute-rule";

export const isBlock = (value: Value | undefined): value is Block =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Reference) &&
  !(value instanceof Template) &&
  !(value instanceof Unknown);

/** Nested blocks: a plan has a list of them, a synthesized stack perhaps a single one. */
export const blocksOf = (value: Value | undefined): readonly Block[] =>
  (Array.isArray(value) ? (value as readonly Value[]) : value === undefined || value === null ? [] : [value]).filter(
    isBlock,
  );

const isUnknown = (value: Value | undefined): boolean => value instanceof Unknown;

/** Set to something, known or not yet. */
export const isSet = (name: string, value: Value | undefined, wrong: string): Finding =>
  isUnknown(value)
    ? new Unreadable(`'${name}' is not known`)
    : value === undefined || value === null || value === ""
      ? wrong
      : true;

/** A condition on a literal; `undefined` when the provider's default holds. */
export const isLiteral = (
  name: string,
  value: Value | undefined,
  holds: (literal: string | number | boolean | undefined) => boolean,
  wrong: string,
): Finding => {
  if (value instanceof Unknown || value instanceof Reference || value instanceof Template || typeof value === "object")
    return value === null ? (holds(undefined) ? true : wrong) : new Unreadable(`'${name}' is not known`);
  return holds(value) ? true : wrong;
};

/** Terraform writes some booleans as texts. */
export const isTrue = (value: unknown): boolean => value === true || value === "true";
export const isFalse = (value: unknown): boolean => value === false || value === "false";

/** Does a value refer to that resource? */
export const refersTo = (value: Value | undefined, address: string): boolean =>
  value instanceof Reference && value.address === address;
