import type { Step } from "../verdict";
import { ALL_V4, ALL_V6 } from "./addresses";
import { aclSet, aclStep, groupSet, groupStep, type Peer } from "./filters";
import type { Flow } from "./flow";
import { HeaderSet, type Packet } from "./header-set";
import { accepted, listenerStep } from "./inbound-flows";
import type { Network, NetworkNode, Passing } from "./network";
import { protocolSet, TCP } from "./protocols";

const TCP_ONLY = HeaderSet.of({ protocol: protocolSet(TCP) });

/** What nodes of one VPC can send to each other. */
export function between(network: Network): Flow[] {
  const byVpc = new Map<string, NetworkNode[]>();
  for (const node of network.nodes) byVpc.set(node.subnet.vpc, [...(byVpc.get(node.subnet.vpc) ?? []), node]);
  return [...byVpc.values()].flatMap((nodes) =>
    nodes.flatMap((from) => {
      const { initiates } = from;
      if (initiates === "nothing") return [];
      if (initiates === "anything") return nodes.flatMap((to) => direct(from, to));
      return nodes.flatMap((to) => {
        const ways = initiates.filter((way) => isTarget(way, to));
        return ways.length === 0 ? [] : ways.flatMap((way) => passed(from, to, way));
      });
    }),
  );
}

/** Whether a load balancer means this interface. */
export const isTarget = ({ target, addresses }: Passing, { at, v4, v6 }: NetworkNode): boolean =>
  target === undefined ? !addresses.intersect(v4.union(v6)).isEmpty : target === at;

/** Of one family each, since nothing translates between them. */
function pairs(from: Pick<NetworkNode, "v4" | "v6">, to: NetworkNode): HeaderSet {
  return HeaderSet.union([
    HeaderSet.of({ source: from.v4, destination: to.v4 }),
    HeaderSet.of({ source: from.v6, destination: to.v6 }),
  ]);
}

function direct(from: NetworkNode, to: NetworkNode): Flow[] {
  return deliver(from, to, pairs(from, to), []);
}

/** A load balancer opens a connection of its own to a target; if it keeps the client's address, in the client's name. */
function passed(from: NetworkNode, to: NetworkNode, way: Passing): Flow[] {
  const { protocol, port, addresses } = way;
  // Clients come by the families that it has itself.
  const client = { v4: from.v4.isEmpty ? from.v4 : ALL_V4, v6: from.v6.isEmpty ? from.v6 : ALL_V6 };
  const sources = pairs(way.keepsClient ? client : from, to);
  return deliver(from, to, sources.intersect(HeaderSet.of({ protocol, port, destination: addresses })), [
    { at: way.listener, says: `passes connections on to ${way.targetGroup}` },
    { at: way.targetGroup, says: `has ${to.at} among its targets` },
  ]);
}

function deliver(from: NetworkNode, to: NetworkNode, packets: HeaderSet, first: readonly Step[]): Flow[] {
  const [mine, theirs] = [wearer(from), wearer(to)];
  let set = packets
    .intersect(accepted(to))
    .intersect(groupSet(from.groups, "egress", theirs))
    .intersect(groupSet(to.groups, "ingress", mine));
  // A network ACL stands at the edge of its subnet: within one, it filters nothing.
  const crosses = from.subnet.address !== to.subnet.address;
  if (crosses && !set.isEmpty) {
    set = set.intersect(aclSet(from.subnet.acl, "egress")).intersect(aclSet(to.subnet.acl, "ingress"));
    const answers = aclSet(to.subnet.acl, "egress").intersect(aclSet(from.subnet.acl, "ingress")).reversed();
    set = HeaderSet.union([set.subtract(TCP_ONLY), set.intersect(TCP_ONLY).intersect(answers)]);
  }
  if (set.isEmpty) return [];
  const path = (packet: Packet): Step[] => [
    ...first,
    groupStep(from, "egress", theirs, packet),
    ...(crosses ? [aclStep(from.subnet.acl, "egress", packet), aclStep(to.subnet.acl, "ingress", packet)] : []),
    groupStep(to, "ingress", mine, packet),
    ...listenerStep(to, packet),
  ];
  return [{ from: from.at, fromZone: from.zone, to: to.at, toZone: to.zone, set, path }];
}

const wearer = (node: NetworkNode): Peer => ({
  groups: new Set(node.groups === "unfiltered" ? [] : node.groups.map(({ address }) => address)),
});
