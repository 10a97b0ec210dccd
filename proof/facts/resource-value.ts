import { Reference, type Value } from "./facts";

/** What a resource's name stands for in an expression, by its instances: itself, a list (count) or a block (for_each). */
export function resourceValue(base: string, keys: readonly (string | number | undefined)[]): Value {
  const whole = (key: string | number | undefined) =>
    new Reference(key === undefined ? base : `${base}[${JSON.stringify(key)}]`, "");
  const [first] = keys;
  if (keys.length === 1 && first === undefined) return whole(undefined);
  if (keys.every((key) => typeof key === "number")) return [...keys].sort((a, b) => a - b).map(whole);
  return Object.fromEntries(keys.map((key) => [String(key), whole(key)]));
}
