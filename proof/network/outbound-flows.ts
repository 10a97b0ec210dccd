import type { Step } from "../verdict";
import { ALL_V4, ALL_V6, behindNat64, GLOBAL_V6, INTERNET, NAT64 } from "./addresses";
import { aclSet, aclStep, groupSet, groupStep, STRANGER } from "./filters";
import type { Flow } from "./flow";
import { HeaderSet, type Packet } from "./header-set";
import { localRange } from "./inbound-flows";
import type { Network, NetworkNode, Subnet } from "./network";
import { routesOf } from "./read-routes";

/** A way out, and whether it leads through a gateway endpoint: into one of AWS's services, under a policy. */
export interface WayOut extends Flow {
  readonly endpoint: string | undefined;
}

/** What a node can send to internet addresses, whether or not an answer comes: one packet carries data out. */
export function toInternet(network: Network, node: NetworkNode): WayOut[] {
  if (node.initiates !== "anything") return [];
  const vpc = network.vpcs.get(node.subnet.vpc)!;
  const targets = INTERNET.subtract(vpc.v4).subtract(localRange(vpc).must);
  const packets = HeaderSet.union([
    HeaderSet.of({ source: node.v4, destination: targets.subtract(ALL_V6) }),
    HeaderSet.of({ source: node.v6, destination: targets.intersect(ALL_V6).union(NAT64) }),
  ]).intersect(groupSet(node.groups, "egress", STRANGER));
  if (packets.isEmpty) return [];
  return leave({ network, node, seen: [] }, node.subnet, packets, (packet) => [
    groupStep(node, "egress", STRANGER, packet),
  ]);
}

interface Journey {
  readonly network: Network;
  readonly node: NetworkNode;
  /** Subnets that it went through, so that routes in a circle end. */
  readonly seen: readonly string[];
}

type Path = (packet: Packet) => readonly Step[];

function leave(journey: Journey, subnet: Subnet, packets: HeaderSet, before: Path): WayOut[] {
  const { network, node, seen } = journey;
  if (seen.includes(subnet.address)) return [];
  const vpc = network.vpcs.get(subnet.vpc)!;
  const out = packets.intersect(aclSet(subnet.acl, "egress"));
  if (out.isEmpty) return [];
  const onward: Journey = { ...journey, seen: [...seen, subnet.address] };
  return routesOf(subnet.table, localRange(vpc)).flatMap(({ route, destinations }) => {
    const sent = out.intersect(HeaderSet.of({ destination: destinations }));
    if (sent.isEmpty) return [];
    const path: Path = (packet) => [
      ...before(packet),
      aclStep(subnet.acl, "egress", packet),
      { at: route.at, says: route.says },
    ];
    const found = (set: HeaderSet, ...last: Step[]): WayOut[] =>
      set.isEmpty
        ? []
        : [
            {
              from: node.at,
              fromZone: node.zone,
              to: route.to,
              toZone: "internet",
              set,
              path: (packet) => [...path(packet), ...last],
              endpoint: route.target === "gateway-endpoint" ? route.to : undefined,
            },
          ];
    switch (route.target) {
      case "local":
      case "nowhere":
        return [];
      case "gateway-endpoint":
      case "transit-gateway":
      case "vpn-gateway":
      case "peering":
        return found(sent);
      case "egress-only-gateway":
        return found(sent.intersect(HeaderSet.of({ destination: GLOBAL_V6 })));
      case "internet-gateway": {
        if (vpc.internetGateway?.at !== route.to) return [];
        // Behind a NAT gateway the gateway's own address counts: see below.
        const address = seen.length > 0 ? undefined : node.publicAddress;
        const v4 = seen.length > 0 || address ? sent.intersect(HeaderSet.of({ source: ALL_V4 })) : HeaderSet.NONE;
        return [
          ...found(v4, ...(address ? [address] : [])),
          ...found(sent.intersect(HeaderSet.of({ destination: GLOBAL_V6 }))),
        ];
      }
      case "nat-gateway": {
        const gateway = network.nat.get(route.to);
        if (!gateway?.subnet) return [];
        return [
          ...through(
            onward,
            subnet,
            gateway.subnet,
            sent.intersect(HeaderSet.of({ source: ALL_V4 })),
            path,
            !gateway.isPublic,
          ),
          ...through(onward, subnet, gateway.subnet, unwrapped(sent), wrapped(path), !gateway.isPublic),
        ];
      }
      case "interface": {
        const appliance = network.nodes.find(({ at }) => at === route.to);
        return appliance ? through(onward, subnet, appliance.subnet, sent, path, false) : found(sent);
      }
    }
  });
}

/** What a NAT gateway makes of IPv6: of what is for NAT64 the IPv4 that it stands for, of all else nothing. */
const unwrapped = (packets: HeaderSet): HeaderSet =>
  HeaderSet.union(
    packets.boxes.map((box) => HeaderSet.of({ ...box, destination: behindNat64(box.destination).intersect(INTERNET) })),
  );

/** The path of a packet before it was made IPv4, whose steps depend on its destination. */
const wrapped =
  (path: Path): Path =>
  (packet) =>
    path({ ...packet, destination: packet.destination + NAT64.intervals[0]![0] });

/** On through another subnet, with the address of what forwards it there. */
function through(
  journey: Journey,
  from: Subnet,
  by: Subnet,
  packets: HeaderSet,
  before: Path,
  isPrivate: boolean,
): WayOut[] {
  const entered = from.address === by.address ? packets : packets.intersect(aclSet(by.acl, "ingress"));
  const translated = HeaderSet.union(
    entered.boxes.map((box) =>
      HeaderSet.of({ ...box, source: box.destination.intersect(ALL_V6).isEmpty ? by.v4 : box.source }),
    ),
  );
  const path: Path = (packet) =>
    from.address === by.address ? before(packet) : [...before(packet), aclStep(by.acl, "ingress", packet)];
  return leave(journey, by, translated, path).filter(
    (way) => !isPrivate || journey.network.vpcs.get(by.vpc)?.internetGateway?.at !== way.to,
  );
}
