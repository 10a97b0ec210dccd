import type { Facts, Reference } from "../facts/facts";
import type { Step } from "../verdict";
import { Attributes } from "./attributes";

/** What other resources bind to an interface, by the address of what has the interface. */
export interface Attachments {
  /** Elastic IPs. */
  readonly elastic: ReadonlyMap<string, Step>;
  /** Security groups put on by a resource of their own. */
  readonly groups: ReadonlyMap<string, readonly Reference[]>;
  /** Subnets that an endpoint joins by a resource of their own. */
  readonly subnets: ReadonlyMap<string, readonly Reference[]>;
  /** Interfaces of a machine that are resources of their own. */
  readonly interfaces: ReadonlyMap<string, readonly string[]>;
}

export function readAttachments(facts: Facts, doubts: Step[]): Attachments {
  const read = (type: string): Attributes[] =>
    facts.resources
      .filter((one) => one.mode === "managed" && one.type === type)
      .map((one) => Attributes.of(one, doubts));
  const interfaces = machineInterfaces(read);
  return {
    interfaces,
    elastic: elasticAddresses(read, interfaces),
    groups: collected([
      ...named(read("aws_network_interface_sg_attachment"), "network_interface_id", "security_group_id"),
      ...named(read("aws_vpc_endpoint_security_group_association"), "vpc_endpoint_id", "security_group_id"),
    ]),
    subnets: collected(named(read("aws_vpc_endpoint_subnet_association"), "vpc_endpoint_id", "subnet_id")),
  };
}

type Read = (type: string) => readonly Attributes[];

/** Who gets what, of resources that join two others. */
const named = (all: readonly Attributes[], to: string, what: string): (readonly [string, Reference])[] =>
  all.flatMap((one) => {
    const [target, given] = [one.reference(to), one.reference(what)];
    return target && given ? [[target.address, given] as const] : [];
  });

function collected<One>(pairs: readonly (readonly [string, One])[]): Map<string, One[]> {
  const found = new Map<string, One[]>();
  for (const [key, value] of pairs) found.set(key, [...(found.get(key) ?? []), value]);
  return found;
}

const machineInterfaces = (read: Read): Map<string, string[]> =>
  collected([
    ...read("aws_instance").flatMap((instance) =>
      instance
        .blocks("network_interface")
        .flatMap((block) => block.references("network_interface_id"))
        .map(({ address }) => [instance.at, address] as const),
    ),
    ...named(read("aws_network_interface_attachment"), "instance_id", "network_interface_id").map(
      ([instance, { address }]) => [instance, address] as const,
    ),
  ]);

function elasticAddresses(read: Read, interfaces: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, Step> {
  const bound = new Map<string, Step>();
  const bind = (attributes: Attributes, names: readonly string[]) => {
    for (const { address } of names.flatMap((name) => attributes.references(name))) {
      const step = { at: attributes.at, says: `is the public address of ${address}` };
      // An address bound to a machine is its first interface's, which may be a resource of its own.
      for (const owner of [address, ...(interfaces.get(address) ?? [])]) bound.set(owner, step);
    }
  };
  for (const address of read("aws_eip")) bind(address, ["instance", "network_interface"]);
  for (const association of read("aws_eip_association")) bind(association, ["instance_id", "network_interface_id"]);
  return bound;
}
