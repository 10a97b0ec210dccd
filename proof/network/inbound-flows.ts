import type { Step } from "../verdict";
import { ALL_V4, ALL_V6, INTERNET } from "./addresses";
import { aclSet, aclStep, groupSet, groupStep, type Peer, STRANGER } from "./filters";
import type { Flow } from "./flow";
import { HeaderSet, type Packet } from "./header-set";
import type { IntervalSet } from "../interval-set";
import type { Link, Network, NetworkNode, TargetKind, Vpc } from "./network";
import { protocolSet, TCP } from "./protocols";
import { routesOf } from "./read-routes";

const TCP_ONLY = HeaderSet.of({ protocol: protocolSet(TCP) });

/** What comes in from the internet: through internet gateways, and where AWS answers for a resource. */
export function fromInternet(network: Network): Flow[] {
  const doors = network.sockets.map((socket): Flow => {
    const { protocol, port } = socket;
    const set = HeaderSet.of({ source: INTERNET, protocol, port });
    return {
      from: "the internet",
      fromZone: "internet",
      to: socket.at,
      toZone: "other",
      set,
      path: () => [{ at: socket.at, says: socket.says }],
    };
  });
  return [...doors, ...network.nodes.flatMap((node) => throughGateway(network, node))];
}

function throughGateway(network: Network, node: NetworkNode): Flow[] {
  const vpc = network.vpcs.get(node.subnet.vpc)!;
  const gateway = vpc.internetGateway;
  if (!gateway) return [];
  const strangers = INTERNET.subtract(vpc.v4);
  return (
    [
      [node.publicAddress, ALL_V4, node.v4],
      [node.publicV6, ALL_V6, node.v6],
    ] as const
  ).flatMap(([address, family, destination]) => {
    if (!address || destination.isEmpty) return [];
    const source = family === ALL_V4 ? strangers.subtract(ALL_V6) : strangers.intersect(ALL_V6);
    const back = returning(node, vpc, (target, to) => target === "internet-gateway" && to === gateway.at);
    const first: Step[] = [gateway, address];
    return into(node, HeaderSet.of({ source, destination }), back, STRANGER, {
      from: "the internet",
      fromZone: "internet",
      first,
    });
  });
}

/** What comes in from networks that are joined to a VPC, and from those that an endpoint service serves. */
export function fromLinks(network: Network): Flow[] {
  const linked = network.nodes.flatMap((node) => {
    const vpc = network.vpcs.get(node.subnet.vpc)!;
    return vpc.links.flatMap((link) => overLink(network, node, vpc, link));
  });
  const served = network.offered.flatMap(({ loadBalancer, attached, filtered }) =>
    network.nodes
      .filter((node) => node.at === loadBalancer)
      .flatMap((node) =>
        into(
          filtered ? node : { ...node, groups: "unfiltered" },
          HeaderSet.union([
            HeaderSet.of({ source: ALL_V4.subtract(INTERNET), destination: node.v4 }),
            HeaderSet.of({ source: ALL_V6.subtract(INTERNET), destination: node.v6 }),
          ]),
          undefined,
          STRANGER,
          { from: attached.at, fromZone: "outside", first: [attached] },
        ),
      ),
  );
  return [...linked, ...served];
}

function overLink(network: Network, node: NetworkNode, vpc: Vpc, link: Link): Flow[] {
  const back = returning(node, vpc, (_, to) => to === link.address);
  // Over a peering, groups of the other network can be named, and those that nobody here has read.
  const foreign = (group: string) => network.groups.get(group)?.vpc !== vpc.address;
  const peer: Peer = link.kind === "peering" ? { groups: new Set(), foreign } : STRANGER;
  const label = { from: link.address, fromZone: "outside", first: [link.attached] } as const;
  return [
    [ALL_V4, node.v4],
    [ALL_V6, node.v6],
  ].flatMap(([family, destination]) =>
    destination!.isEmpty
      ? []
      : into(
          node,
          HeaderSet.of({ source: link.sources.intersect(family!), destination: destination! }),
          back,
          peer,
          label,
        ),
  );
}

interface Back {
  readonly destinations: IntervalSet;
  readonly step: (destination: bigint) => Step;
}

/** Where a subnet's routes send answers over a certain gateway. */
function returning(node: NetworkNode, vpc: Vpc, over: (target: TargetKind, to: string) => boolean): Back {
  const routes = routesOf(node.subnet.table, localRange(vpc)).filter(({ route }) => over(route.target, route.to));
  const destinations = routes.reduce((sum, { destinations }) => sum.union(destinations), ALL_V4.subtract(ALL_V4));
  return {
    destinations,
    step: (destination) => {
      const found = routes.find(({ destinations }) => destinations.has(destination))?.route;
      return { at: found?.at ?? node.subnet.table.address, says: found?.says ?? "answers" };
    },
  };
}

/** A range that AWS chooses is somewhere in the internet's: what is there may be the VPC's, and may be not. */
export const localRange = (vpc: Vpc): { readonly may: IntervalSet; readonly must: IntervalSet } => {
  const chosen = vpc.v6.covers(INTERNET.intersect(ALL_V6));
  return { may: vpc.v4.union(vpc.v6), must: chosen ? vpc.v4 : vpc.v4.union(vpc.v6) };
};

/**
 * What of some packets from outside of a subnet a node takes. A tcp connection needs its answers to find back: through the
 * ACL, which knows no connections, and by a route. Of other protocols one packet may do harm.
 */
function into(
  node: NetworkNode,
  packets: HeaderSet,
  back: Back | undefined,
  peer: Peer,
  label: { readonly from: string; readonly fromZone: Flow["fromZone"]; readonly first: readonly Step[] },
): Flow[] {
  const { acl } = node.subnet;
  const arrived = packets
    .intersect(accepted(node))
    .intersect(aclSet(acl, "ingress"))
    .intersect(groupSet(node.groups, "ingress", peer));
  const answered = arrived.intersect(TCP_ONLY).intersect(aclSet(acl, "egress").reversed());
  const routed = back ? answered.intersect(HeaderSet.of({ source: back.destinations })) : answered;
  const set = HeaderSet.union([arrived.subtract(TCP_ONLY), routed]);
  if (set.isEmpty) return [];
  const path = (packet: Packet): Step[] => [
    ...label.first,
    aclStep(acl, "ingress", packet),
    groupStep(node, "ingress", peer, packet),
    ...listenerStep(node, packet),
    ...(back && packet.protocol === BigInt(TCP) ? [back.step(packet.source)] : []),
  ];
  return [{ from: label.from, fromZone: label.fromZone, to: node.at, toZone: node.zone, set, path }];
}

/** What a node takes at all. */
export const accepted = (node: NetworkNode): HeaderSet =>
  node.accepts === "anything" ? HeaderSet.ALL : HeaderSet.union(node.accepts.map(({ accepts }) => accepts));

export function listenerStep(node: NetworkNode, packet: Packet): Step[] {
  if (node.accepts === "anything") return [];
  const found = node.accepts.find(({ accepts }) => accepts.has(packet));
  return found ? [{ at: found.at, says: found.says }] : [];
}
