import { BadInput } from "./bad-input";
import type { Facts, Resource, Unknown } from "./facts";
import { link } from "./link";

/** Facts of what was read, references followed. @throws BadInput on two resources of one address, or a circle. */
export function makeFacts(
  source: Facts["source"],
  file: string,
  read: readonly Resource[],
  unread: readonly Unknown[],
  changes: Facts["changes"] = new Map(),
  places: Facts["places"] = [],
): Facts {
  const resources = link(read, file);
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  if (byAddress.size < resources.length) {
    const twice = resources.find((resource) => byAddress.get(resource.address) !== resource)!;
    throw new BadInput(`${file}: ${twice.address}`, "must be there once, got two");
  }
  return { source, resources, byAddress, unread, changes, places };
}
