import { BadInput } from "./bad-input";
import { type Block, Reference, type Resource, Template, Unknown, type Value } from "./facts";
import { concatenate } from "./evaluate";

/** Ids and ARNs are unique in the world; a name that happens to equal another resource's id is not. */
const UNMISTAKABLE = /^(arn:|[a-z]{1,10}(-[a-z]{2,10})*-[0-9a-f]{8,17}$)/;

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
  /** Whose it is, as the resource at `within` sees it: what that is called itself stays as it is. */
  const owner = (text: string, within: string): Reference | Unknown | undefined => {
    const found = owners.get(text) ?? [];
    if (found.some(({ address }) => address === within)) return undefined;
    if (found.length > 1)
      return new Unknown(within, `names '${text}', which is ${found.map(({ address }) => address).join(" and ")}`);
    return found[0];
  };

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
    const values = follow(resource.values, [], resource.address) as Block;
    return { ...resource, values };
  });
}

/** A resource that has an id: as its own, as that of what it is about, or as that of something that came with it. */
interface Claim {
  readonly resource: Resource;
  readonly reference: Reference;
  /** What is managed says more than what is looked up, and that more than what only came with something. */
  readonly rank: 0 | 1 | 2;
}

/** By id or ARN, whose it is; of several that are managed nobody can tell. */
function ownersOf(resources: readonly Resource[]): ReadonlyMap<string, readonly Reference[]> {
  const claims = new Map<string, Claim[]>();
  for (const resource of resources) {
    const { address, mode, type, values } = resource;
    const rank = mode === "managed" ? 0 : 1;
    const cameWith = rank === 0 ? (OTHERS.get(type) ?? []) : [];
    for (const attribute of ["id", "arn", ...cameWith]) {
      const value = values[attribute];
      if (typeof value !== "string" || !UNMISTAKABLE.test(value)) continue;
      const claim = {
        resource,
        reference: new Reference(address, attribute),
        rank: isOwn(attribute) ? rank : 2,
      } as const;
      claims.set(value, [...(claims.get(value) ?? []), claim]);
    }
  }
  return new Map([...claims].map(([id, all]) => [id, owning(all)]));
}

/**
 * Terraform gives what is attached to a resource, or adopts it, that resource's id. Its type is then the other's and a
 * word more (`aws_sns_topic_policy`), or it has the id once more, as what it is about (`vpc_endpoint_id`).
 */
function owning(claims: readonly Claim[]): readonly Reference[] {
  const wholes = claims.filter(
    (one) => !claims.some((other) => one.resource.type.startsWith(`${other.resource.type}_`)),
  );
  const subjects = wholes.filter((one) => !isAboutItsId(one));
  const left = subjects.length > 0 ? subjects : wholes;
  const rank = Math.min(...left.map((claim) => claim.rank));
  const best = left.filter((claim) => claim.rank === rank);
  const references = best.map(({ reference }) => reference);
  const ofEach = references.filter(
    ({ address }, index) => references.findIndex((other) => other.address === address) === index,
  );
  // Two that look up the same thing say the same of it.
  return rank === 1 ? ofEach.slice(0, 1) : ofEach;
}

const isOwn = (attribute: string): boolean => attribute === "id" || attribute === "arn";

function isAboutItsId({ resource: { values }, reference, rank }: Claim): boolean {
  const id = values[reference.attribute];
  return rank < 2 && Object.keys(values).some((attribute) => !isOwn(attribute) && values[attribute] === id);
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
