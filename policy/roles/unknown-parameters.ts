import type { Fault } from "../fault";
import { field } from "../field";
import { nearest } from "../rules/nearest";

/** What a role template was given besides its parameters: a misspelt one must not pass in silence. */
export const unknownParameters = (parameters: unknown, known: readonly string[]): readonly Fault[] =>
  Object.keys(Object(parameters))
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known);
      const others = known.length === 0 ? "the role has none" : `known are ${known.join(", ")}`;
      const fix = meant === undefined ? `remove it; ${others}` : `did you mean '${meant}'?`;
      return { path: key, rule: "must be a parameter of the role", value: field(parameters, key), fix };
    });
