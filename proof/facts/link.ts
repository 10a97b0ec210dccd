import { BadInput } from "./bad-input";
import { type Block, Reference, type Resource, Template, Unknown, type Value } from "./facts";
import { concatenate } from "./evaluate";

/** Ids and ARNs are unique in the world; a name that happens to equal another resource's id is not. */
const UNMISTAKABLE = /^(arn:|[a-z]{2,10}(-[a-z]{2,10})*-[0-9a-f]{8,17}$)/;

/**
 * What else of a resource has an id of its own: what a VPC makes by itself, and the list of addresses behind a gateway
 * endpoint, which is AWS's.
 */
const OTHERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["aws_vpc", ["default_network_acl_id", "default_route_table_id", "default_security_group_id", "main_route_table_id"]],
  ["aws_vpc_endpoint", ["prefix_list_id"]],
]);

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
  const owners = ownersOf(resources);
  /** Whose it is, as the resource at `within` sees it: one that adopts what a VPC has made has the same id. */
  const owner = (text: string, within: string): Reference | undefined =>
    UNMISTAKABLE.test(text) ? owners.get(text)?.find(({ address }) => address !== within) : undefined;

  const follow = (value: Value, trail: readonly Reference[], within: string): Value => {
    if (value instanceof Reference) {
      if (trail.length > LONGEST || trail.some((seen) => same(seen, value)))
        throw new BadInput(
          `${file}: ${value.address}`,
          `must not refer to itself, got ${[...trail, value].map((step) => `${step.address}.${step.attribute}`).join(" -> ")}`,
        );
      const target = byAddress.get(value.address);
      const found = target && at(target.values, value.attribute);
      return found === undefined || found instanceof Unknown ? value : follow(found, [...trail, value], within);
    }
    if (value instanceof Template) return concatenate(value.parts.map((part) => follow(part, trail, within)));
    if (value instanceof Unknown || value === null) return value;
    if (typeof value === "string") return owner(value, within) ?? value;
    if (typeof value !== "object") return value;
    if (Array.isArray(value)) return (value as readonly Value[]).map((item) => follow(item, trail, within));
    return Object.fromEntries(Object.entries(value as Block).map(([key, item]) => [key, follow(item, trail, within)]));
  };
  return resources.map((resource) => {
    // What a resource is called itself stays as it is.
    const { id, arn, ...rest } = resource.values;
    const values = follow(rest, [], resource.address) as Block;
    const own = { ...(id === undefined ? {} : { id }), ...(arn === undefined ? {} : { arn }) };
    return { ...resource, values: { ...values, ...own } };
  });
}

/** By id or ARN, what each is of: first what is managed, then what is only looked up, then what something else has made. */
function ownersOf(resources: readonly Resource[]): ReadonlyMap<string, readonly Reference[]> {
  const owners = new Map<string, Reference[]>();
  const add = ({ address, values }: Resource, attribute: string): void => {
    const value = values[attribute];
    if (typeof value !== "string" || !UNMISTAKABLE.test(value)) return;
    owners.set(value, [...(owners.get(value) ?? []), new Reference(address, attribute)]);
  };
  for (const mode of ["managed", "data"])
    for (const resource of resources)
      if (resource.mode === mode) for (const attribute of ["id", "arn"]) add(resource, attribute);
  for (const resource of resources)
    if (resource.mode === "managed") for (const attribute of OTHERS.get(resource.type) ?? []) add(resource, attribute);
  return owners;
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
