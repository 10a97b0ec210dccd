import { showValue } from "../show-value";

/**
 * A role's parameters as its id shows them: order of a list does not matter. Works for faulty ones, too. What divides
 * names in ids is shown as in a URL when it is part of a name: `["a,b"]` is not `["a", "b"]`.
 */
export const parameterText = (value: unknown): string => {
  if (typeof value === "string") return value.replace(/[%,;]/g, encodeURIComponent);
  return Array.isArray(value) ? value.map(parameterText).sort().join(",") : showValue(value);
};
