import type { Facts, Reference } from "../facts/facts";
import type { Step } from "../verdict";
import type { Attachments } from "./attachments";
import type { Attributes } from "./attributes";
import { IntervalSet } from "../interval-set";
import type { Group, NetworkNode, NodeZone, Subnet } from "./network";
import type { Balancers } from "./read-balancers";
import type { Groups } from "./read-groups";

/** What readers of interfaces look into. */
export interface Placed {
  readonly facts: Facts;
  readonly groups: Groups;
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly balancers: Balancers;
  readonly attachments: Attachments;
  readonly doubts: Step[];
}

/** Where an interface stands and what it wears; the rest has a default. */
export interface Placing {
  readonly attributes: Attributes;
  readonly zone: NodeZone;
  readonly subnets: readonly Reference[];
  readonly subnetName: string;
  readonly groups: readonly Reference[];
  readonly groupName: string;
  readonly own?: Partial<Pick<NetworkNode, "accepts" | "initiates">> & {
    readonly unfiltered?: boolean;
    readonly v4?: IntervalSet | undefined;
    readonly publicAddress?: (subnet: Subnet) => Step | undefined;
    readonly v6?: (subnet: Subnet) => Step | undefined;
    readonly publicV6?: boolean;
  };
}

/** The interfaces of one placing: one in each of its subnets. */
export function place(placing: Placing, { groups, subnets, attachments }: Placed): NetworkNode[] {
  const { attributes, own = {}, zone } = placing;
  if (placing.subnets.length === 0 && !attributes.isSet(placing.subnetName))
    attributes.doubt(placing.subnetName, "is not said: it stands in a network that was not read");
  const extra = attachments.groups.get(attributes.at) ?? [];
  return placing.subnets.flatMap((reference) => {
    const subnet = subnets.get(reference.address);
    if (!subnet) {
      attributes.doubt(placing.subnetName, `${reference.address} is no subnet that is managed here`);
      return [];
    }
    const worn = [...placing.groups, ...extra].flatMap(
      (group) => groups.of(attributes, placing.groupName, group) ?? [],
    );
    const fallback = groups.defaultOf(subnet.vpc);
    const needsDefault = !own.unfiltered && !attributes.isSet(placing.groupName);
    const all: readonly Group[] = needsDefault && fallback ? [fallback, ...worn] : worn;
    const v6 = subnet.v6.isEmpty ? undefined : own.v6?.(subnet);
    return [
      {
        at: attributes.at,
        zone,
        subnet,
        groups: own.unfiltered ? ("unfiltered" as const) : all,
        v4: own.v4 ?? subnet.v4,
        v6: v6 ? subnet.v6 : IntervalSet.EMPTY,
        // An Elastic IP can be bound to whatever has an interface.
        publicAddress: attachments.elastic.get(attributes.at) ?? own.publicAddress?.(subnet),
        publicV6: own.publicV6 === false ? undefined : v6,
        accepts: own.accepts ?? "anything",
        initiates: own.initiates ?? "anything",
      },
    ];
  });
}
