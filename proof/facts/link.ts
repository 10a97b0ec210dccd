import { BadInput } from "./bad-input";
import { type Block, Reference, type Resource, Template, Unknown, type Value } from "./facts";
import { concatenate } from "./evaluate";

/** Ids and ARNs are unique in the world; a name that happens to equal another resource's id is not. */
const UNMISTAKABLE = /^(arn:|[a-z]{2,10}(-[a-z]{2,10})*-[0-9a-f]{8,17}$)/;

/** What a reference may lead through before it counts as a circle. */
const LONGEST = 50;

/**
 * Resources whose values say what they stand for: a reference to what is known is that, and an id or ARN that belongs to
 * one of the resources is a reference to it, so that whoever reads facts follows references alone.
 *
 * @throws BadInput if references go in a circle.
 */
export function link(resources: readonly Resource[], file: string): Resource[] {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const owners = new Map<string, Reference>();
  for (const { address, mode, values } of resources)
    for (const attribute of ["id", "arn"]) {
      const value = values[attribute];
      if (typeof value !== "string" || !UNMISTAKABLE.test(value)) continue;
      // What is managed tells more than what is only looked up.
      if (mode === "managed" || !owners.has(value)) owners.set(value, new Reference(address, attribute));
    }

  const follow = (value: Value, trail: readonly Reference[]): Value => {
    if (value instanceof Reference) {
      if (trail.length > LONGEST || trail.some((seen) => same(seen, value)))
        throw new BadInput(
          `${file}: ${value.address}`,
          `must not refer to itself, got ${[...trail, value].map((step) => `${step.address}.${step.attribute}`).join(" -> ")}`,
        );
      const target = byAddress.get(value.address);
      const found = target && at(target.values, value.attribute);
      return found === undefined || found instanceof Unknown ? value : follow(found, [...trail, value]);
    }
    if (value instanceof Template) return concatenate(value.parts.map((part) => follow(part, trail)));
    if (value instanceof Unknown || value === null) return value;
    if (typeof value === "string") return (UNMISTAKABLE.test(value) && owners.get(value)) || value;
    if (typeof value !== "object") return value;
    if (Array.isArray(value)) return (value as readonly Value[]).map((item) => follow(item, trail));
    return Object.fromEntries(Object.entries(value as Block).map(([key, item]) => [key, follow(item, trail)]));
  };
  return resources.map((resource) => {
    // What a resource is called itself stays as it is.
    const { id, arn, ...rest } = resource.values;
    const values = follow(rest, []) as Block;
    const own = { ...(id === undefined ? {} : { id }), ...(arn === undefined ? {} : { arn }) };
    return { ...resource, values: { ...values, ...own } };
  });
}

const same = (one: Reference, other: Reference): boolean =>
  one.address === other.address && one.attribute === other.attribute;

/** The value at `a`, `a[0].b`; undefined: not there. */
function at(values: Block, path: string): Value | undefined {
  let value: Value | undefined = values;
  for (const key of path.split(/[.[\]]+/).filter((key) => key !== "")) {
    if (value instanceof Unknown) return value;
    if (value instanceof Reference)
      return new Reference(value.address, value.attribute === "" ? key : `${value.attribute}.${key}`);
    if (value === null || typeof value !== "object" || value instanceof Template) return undefined;
    value = Object.hasOwn(value, key) ? (value as Readonly<Record<string, Value>>)[key] : undefined;
    if (value === undefined) return undefined;
  }
  // The whole resource is not one value.
  return path === "" ? undefined : value;
}
