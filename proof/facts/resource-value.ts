import { Reference, type Value } from "./facts";

/** What a resource's name stands for in an expression, by its instances: itself, a list (count) or a block (for_each). */
export function resourceValue(base: string, keys: readonly (string | number | undefined)[]): Value {
  const whole = (key: string | number | undefined) =>
    new Reference(key === undefined ? base : `${base}[${JSON.stringify(key)}]`, "");
  const [first] = keys;
  if (keys.length === 1 && first === undefined) return whole(undefined);
  const numbers = keys.filter((key) => typeof key === "number").sort((a, b) => a - b);
  // A plan of a part has a part of the instances: then the position in a list would not be the index.
  if (numbers.length === keys.length && numbers.every((key, index) => key === index)) return numbers.map(whole);
  return Object.fromEntries(keys.map((key) => [String(key), whole(key)]));
}
