import { BadInput } from "./bad-input";
import { isObject, type Json, type JsonObject, object } from "./parse-json";

/**
 * Blocks of a configuration as JSON, whichever way they are written (Terraform, "JSON Configuration Syntax"): an object, or
 * a list of objects, at every level of labels. Comments (`//`) are left out.
 *
 * @param labels how many levels of names there are above a block's body: 2 for `resource`, 0 for `locals`.
 * @throws BadInput on what is neither, and on two blocks of one name.
 */
export function jsonBlocks(json: Json | undefined, labels: number, place: string): JsonObject {
  if (json === undefined) return {};
  const parts = Array.isArray(json) ? (json as readonly Json[]) : [json];
  const merged: Record<string, Json> = {};
  const pending = new Map<string, Json[]>();
  for (const part of parts)
    for (const [name, value] of Object.entries(object(part, place))) {
      if (name === "//" || value === undefined) continue;
      if (labels > 1) pending.set(name, [...(pending.get(name) ?? []), value]);
      else if (Object.hasOwn(merged, name)) throw new BadInput(`${place}: '${name}'`, "must be there once, got two");
      else merged[name] = labels === 1 ? single(value, `${place}: '${name}'`) : value;
    }
  for (const [name, values] of pending)
    merged[name] = jsonBlocks(values.flat() as Json, labels - 1, `${place}.${name}`);
  return merged;
}

/** A body may stand in a list, too; of two, Terraform refuses the second. */
const single = (json: Json, place: string): Json => {
  if (!Array.isArray(json)) return json;
  const [only, ...others] = json as readonly Json[];
  if (others.length > 0 || !isObject(only)) throw new BadInput(place, "must be there once, as an object");
  return only;
};
