import { showValue } from "../show-value";

/** A role's parameters as its id shows them: order of a list does not matter. Works for faulty ones, too. */
export const parameterText = (value: unknown): string => {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.map(parameterText).sort().join(",") : showValue(value);
};
