import type { Step } from "../verdict";
import { ALL_LISTS, ALL_V4, ALL_V6 } from "./addresses";
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
        const ways = initiates.filter(({ target }) => target === to.at);
        return ways.length === 0 ? [] : ways.flatMap((way) => passed(from, to, way));
      });
    }),
  );
}

const addresses = ({ v4, v6 }: NetworkNode) =>
  [
    [v4, ALL_V4.union(ALL_LISTS)],
    [v6, ALL_V6],
  ] as const;

/** Of one family each, since nothing translates between them. */
function pairs(from: NetworkNode, to: NetworkNode): HeaderSet {
  const [[v4], [v6]] = addresses(from);
  return HeaderSet.union([
    HeaderSet.of({ source: v4, destination: to.v4 }),
    HeaderSet.of({ source: v6, destination: to.v6 }),
  ]);
}

function direct(from: NetworkNode, to: NetworkNode): Flow[] {
  return deliver(from, to, pairs(from, to), []);
}

/** A load balancer opens a connection of its own to a target; if it keeps the client's address, in the client's name. */
function passed(from: NetworkNode, to: NetworkNode, way: Passing): Flow[] {
  const { protocol, port } = way;
  const sources = way.keepsClient
    ? HeaderSet.union([
        HeaderSet.of({ source: ALL_V4, destination: to.v4 }),
        HeaderSet.of({ source: ALL_V6, destination: to.v6 }),
      ])
    : pairs(from, to);
  return deliver(from, to, sources.intersect(HeaderSet.of({ protocol, port })), [
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
