import { BlockList, isIPv6 } from "node:net";
import {
  BALANCER,
  HOST,
  v4Of,
  v6Of,
  type WideAclRule,
  type WideGroupRule,
  type WideNetwork,
  type WideTargetGroup,
  type WideTraffic,
} from "./wide-network";

/** One packet in plain words. Of ICMP, the port is type times 256 plus code. */
export interface WidePacket {
  readonly source: string;
  readonly destination: string;
  readonly protocol: "tcp" | "udp" | "icmp" | "icmpv6";
  readonly port: number;
  readonly sourcePort: number;
}

type Side = "ingress" | "egress";
/** What an interface wears; `all` and `members` are AWS's: no group on a network load balancer, the default group. */
type Worn = readonly number[] | "all" | "members";

/**
 * Walks one packet at a time through a network of both families, rule by rule, from AWS's documentation (VPC, Network and
 * Application Load Balancer user guides) and Node's own arithmetic of addresses: what the exact evaluator is held against.
 */
export class WideWalk {
  constructor(private readonly plan: WideNetwork) {}

  hostAddress(host: number, six: boolean): string | undefined {
    const { subnet } = this.plan.hosts[host]!;
    if (!this.plan.subnets[subnet]!.families.includes(six ? "6" : "4")) return undefined;
    return six ? v6Of(subnet, HOST + host) : v4Of(subnet, HOST + host);
  }

  balancerAddress(subnet: number, six: boolean): string | undefined {
    if (!six) return v4Of(subnet, BALANCER);
    const has = this.plan.balancer.isDual && this.plan.subnets[subnet]!.families.includes("6");
    return has ? v6Of(subnet, BALANCER) : undefined;
  }

  /** Whether a stranger's packet gets to a host and, in tcp, the answer back. */
  internetToHost(packet: WidePacket, host: number): boolean {
    const { subnet, groups } = this.plan.hosts[host]!;
    return (isIPv6(packet.destination) || this.isFound(host)) && this.comesIn(packet, subnet, groups, "gateway");
  }

  internetToBalancer(packet: WidePacket, subnet: number): boolean {
    if (this.plan.balancer.isInternal || !this.listens(packet)) return false;
    return this.comesIn(packet, subnet, this.balancerGroups(), "gateway");
  }

  /** From the network behind the peering. */
  peerToHost(packet: WidePacket, host: number): boolean {
    const { subnet, groups } = this.plan.hosts[host]!;
    return this.comesIn(packet, subnet, groups, "peering");
  }

  peerToBalancer(packet: WidePacket, subnet: number): boolean {
    return this.listens(packet) && this.comesIn(packet, subnet, this.balancerGroups(), "peering");
  }

  hostToHost(packet: WidePacket, from: number, to: number): boolean {
    const [one, other] = [this.plan.hosts[from]!, this.plan.hosts[to]!];
    return this.inside(packet, [one.subnet, one.groups], [other.subnet, other.groups]);
  }

  hostToBalancer(packet: WidePacket, from: number, subnet: number): boolean {
    const { subnet: own, groups } = this.plan.hosts[from]!;
    return this.listens(packet) && this.inside(packet, [own, groups], [subnet, this.balancerGroups()]);
  }

  /**
   * Whether the load balancer's node in a subnet sends a packet on to a host: in a client's name, if it keeps the client's
   * address, or in its own, to the traffic port or to check the host's health.
   */
  balancerToHost(packet: WidePacket, subnet: number, host: number, inName: "client" | "own"): boolean {
    const { balancer, hosts } = this.plan;
    const named = new Set(balancer.listeners.map(({ group }) => group));
    const sent = [...named].some((index) => {
      const group = balancer.targetGroups[index]!;
      const target = group.targets.find((one) => one.host === host);
      if (!target || isIPv6(packet.destination) !== (group.family === "6")) return false;
      if (this.balancerAddress(subnet, group.family === "6") === undefined) return false;
      const port = target.port ?? group.port;
      const checks = inName === "own" && packet.protocol === "tcp" && packet.port === (group.healthPort ?? port);
      if (checks) return true;
      if (packet.port !== port || !carried(group.protocol).includes(packet.protocol)) return false;
      // A client of the other family comes in the load balancer's name.
      return inName === "client" ? this.keeps(group) : !this.keeps(group) || balancer.isDual;
    });
    const to = hosts[host]!;
    return sent && this.inside(packet, [subnet, this.balancerGroups()], [to.subnet, to.groups]);
  }

  /** Whether one of the host's target groups keeps clients' addresses: then what comes in its own name is not asked. */
  keepsForSome(host: number): boolean {
    return this.plan.balancer.targetGroups.some(
      (group) => this.keeps(group) && group.targets.some((target) => target.host === host),
    );
  }

  /** Whether a host's packet gets out to an internet address, answered or not. */
  hostToInternet(packet: WidePacket, host: number): boolean {
    const by = this.leaves(packet, host);
    if (by === undefined || !isInternet(packet.destination)) return false;
    if (by === "peering") return true;
    if (isIPv6(packet.destination)) return by === "gateway" || by === "egress-only";
    if (by === "nat") return this.plan.hasGateway;
    return by === "gateway" && this.isFound(host);
  }

  /** Whether a host of IPv6 reaches an IPv4 address by the NAT gateway's NAT64. */
  hostToInternetBy64(packet: WidePacket, host: number): boolean {
    if (!isInternet(packet.destination)) return false;
    const wrapped = { ...packet, destination: `64:ff9b::${packet.destination}` };
    return this.leaves(wrapped, host) === "nat" && this.plan.hasGateway;
  }

  /** Whether it has a public IPv4 address. Of an interface of its own, only what is bound to it counts. */
  private isFound(host: number): boolean {
    const { publicAddress, separateInterface } = this.plan.hosts[host]!;
    return publicAddress === "elastic" || (publicAddress === "asked" && !separateInterface);
  }

  /** What a host's packet is routed to, once its groups and its subnet's ACL have let it out. */
  private leaves(packet: WidePacket, host: number): string | undefined {
    const { subnet, groups } = this.plan.hosts[host]!;
    if (!this.group(groups, "egress", packet, packet.destination, [])) return undefined;
    if (!this.acl(subnet, "egress", packet, packet.destination)) return undefined;
    return this.route(subnet, packet.destination);
  }

  private comesIn(packet: WidePacket, subnet: number, groups: Worn, by: "gateway" | "peering"): boolean {
    if (by === "gateway" && (!this.plan.hasGateway || !isInternet(packet.source))) return false;
    if (!this.acl(subnet, "ingress", packet, packet.source)) return false;
    if (!this.group(groups, "ingress", packet, packet.source, [])) return false;
    if (packet.protocol !== "tcp") return true;
    return this.acl(subnet, "egress", reply(packet), packet.source) && this.route(subnet, packet.source) === by;
  }

  private inside(packet: WidePacket, [subnet, mine]: [number, Worn], [other, theirs]: [number, Worn]): boolean {
    if (!this.group(mine, "egress", packet, packet.destination, theirs)) return false;
    if (!this.group(theirs, "ingress", packet, packet.source, mine)) return false;
    if (subnet === other) return true;
    if (!this.acl(subnet, "egress", packet, packet.destination)) return false;
    if (!this.acl(other, "ingress", packet, packet.source)) return false;
    if (packet.protocol !== "tcp") return true;
    const back = reply(packet);
    return this.acl(other, "egress", back, packet.source) && this.acl(subnet, "ingress", back, packet.destination);
  }

  private listens({ protocol, port }: WidePacket): boolean {
    return this.plan.balancer.listeners.some(
      (listener) => listener.port === port && carried(listener.protocol).includes(protocol),
    );
  }

  private balancerGroups(): Worn {
    const { kind, groups } = this.plan.balancer;
    if (groups.length > 0) return groups;
    return kind === "network" ? "all" : "members";
  }

  /** NLB User Guide, "Client IP preservation": of udp it cannot be switched off. */
  private keeps({ type, protocol, keepsClient }: WideTargetGroup): boolean {
    if (this.plan.balancer.kind === "application") return false;
    return protocol === "UDP" || protocol === "TCP_UDP" || (keepsClient ?? type === "instance");
  }

  private acl(subnet: number, side: Side, packet: WidePacket, peer: string): boolean {
    const acl = this.plan.subnets[subnet]!.acl;
    if (!acl) return true;
    for (const rule of acl[side]) if (fits(rule, packet, peer)) return rule.allow;
    return false;
  }

  private group(worn: Worn, side: Side, packet: WidePacket, peer: string, theirs: Worn): boolean {
    if (worn === "all") return true;
    if (worn === "members") return side === "egress" || theirs === "members";
    return worn.some((index) =>
      this.plan.groups[index]![side].some((rule) => isAbout(rule, packet) && admits(rule, peer, theirs)),
    );
  }

  /** By the longest prefix of those routes whose gateway is there. */
  private route(subnet: number, destination: string): string | undefined {
    if (within(destination, "10.0.0.0/16") || within(destination, "2600:1f00:0:aa00::/56")) return "local";
    const { usesMain, routes } = this.plan.subnets[subnet]!;
    const table = usesMain ? this.plan.subnets.find((one) => one.usesMain)!.routes : routes;
    return table
      .filter(({ to }) => to !== "gateway" || this.plan.hasGateway)
      .filter(({ to }) => to !== "egress-only" || this.plan.hasEgressOnly)
      .filter(({ cidr }) => within(destination, cidr))
      .sort((one, other) => Number(other.cidr.split("/")[1]) - Number(one.cidr.split("/")[1]))[0]?.to;
  }
}

const reply = ({ source, destination, protocol, port, sourcePort }: WidePacket): WidePacket => ({
  source: destination,
  destination: source,
  protocol,
  port: sourcePort,
  sourcePort: port,
});

const carried = (protocol: string): readonly string[] =>
  protocol === "UDP" ? ["udp"] : protocol === "TCP_UDP" ? ["tcp", "udp"] : ["tcp"];

function isAbout({ protocol, from, to, type, code }: WideTraffic, packet: WidePacket): boolean {
  if (protocol === "all") return true;
  if (protocol !== packet.protocol) return false;
  if (protocol === "tcp" || protocol === "udp") return from <= packet.port && packet.port <= to;
  const [its, itsCode] = [Math.floor(packet.port / 256), packet.port % 256];
  return (type === -1 || type === its) && (code === -1 || code === itsCode);
}

const fits = (rule: WideAclRule, packet: WidePacket, peer: string): boolean =>
  within(peer, rule.cidr) && isAbout(rule, packet);

const admits = ({ peer }: WideGroupRule, address: string, worn: Worn): boolean =>
  "group" in peer
    ? typeof worn !== "string" && worn.includes(peer.group)
    : peer.cidrs.some((cidr) => within(address, cidr));

const lists = new Map<string, BlockList>();

/** Node's own arithmetic, which the exact evaluator does not use. */
export function within(address: string, cidr: string): boolean {
  const six = cidr.includes(":");
  if (isIPv6(address) !== six) return false;
  let list = lists.get(cidr);
  if (!list) {
    const [base, length] = cidr.split("/");
    list = new BlockList();
    list.addSubnet(base!, Number(length), six ? "ipv6" : "ipv4");
    lists.set(cidr, list);
  }
  return list.check(address, six ? "ipv6" : "ipv4");
}

const PRIVATE = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/3",
];
const isInternet = (address: string): boolean =>
  isIPv6(address) ? within(address, "2000::/3") : !PRIVATE.some((cidr) => within(address, cidr));
