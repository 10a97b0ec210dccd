import { addressOf } from "./network-facts";
import type { Plan, PlanAclRule, PlanGroupRule, PlanHost } from "./random-network";

/** One packet in plain words. */
export interface WalkPacket {
  /** Dotted. */
  readonly source: string;
  readonly destination: string;
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly port: number;
  readonly sourcePort: number;
}

/**
 * A simulation that walks one packet at a time, rule by rule, written from AWS's documentation and without any set: what
 * the exact evaluator is held against.
 */
export class Walk {
  constructor(private readonly plan: Plan) {}

  /** Whether a stranger's packet gets to a host and, in tcp, the answer back. */
  fromInternet(packet: WalkPacket, host: number): boolean {
    const { subnet, isPublic, groups } = this.plan.hosts[host]!;
    if (!this.plan.hasGateway || !isPublic || !isInternet(packet.source)) return false;
    if (!this.acl(subnet, "ingress", packet, packet.source)) return false;
    if (!this.group(groups, "ingress", packet, packet.source, [])) return false;
    if (packet.protocol !== "tcp") return true;
    return this.acl(subnet, "egress", reply(packet), packet.source) && this.route(subnet, packet.source) === "gateway";
  }

  /** Whether one host's packet gets to another and, in tcp, the answer back. */
  between(packet: WalkPacket, from: number, to: number): boolean {
    const [one, other] = [this.plan.hosts[from]!, this.plan.hosts[to]!];
    if (!this.group(one.groups, "egress", packet, packet.destination, other.groups)) return false;
    if (!this.group(other.groups, "ingress", packet, packet.source, one.groups)) return false;
    if (one.subnet === other.subnet) return true;
    if (!this.acl(one.subnet, "egress", packet, packet.destination)) return false;
    if (!this.acl(other.subnet, "ingress", packet, packet.source)) return false;
    if (packet.protocol !== "tcp") return true;
    const back = reply(packet);
    return (
      this.acl(other.subnet, "egress", back, packet.source) && this.acl(one.subnet, "ingress", back, packet.destination)
    );
  }

  /** Whether a host's packet gets out to an internet address, answered or not. */
  toInternet(packet: WalkPacket, host: number): boolean {
    const { subnet, isPublic, groups } = this.plan.hosts[host]!;
    if (!isInternet(packet.destination)) return false;
    if (!this.group(groups, "egress", packet, packet.destination, [])) return false;
    if (!this.acl(subnet, "egress", packet, packet.destination)) return false;
    const by = this.route(subnet, packet.destination);
    if (by === "gateway") return this.plan.hasGateway && isPublic;
    // The NAT gateway's subnet has the default ACL and, where there is a gateway, a route to it.
    if (by === "nat") return this.plan.hasGateway;
    return by === "peering";
  }

  private acl(subnet: number, side: "ingress" | "egress", packet: WalkPacket, peer: string): boolean {
    const acl = this.plan.subnets[subnet]!.acl;
    if (!acl) return true;
    for (const rule of acl[side]) if (fits(rule, packet, peer)) return rule.allow;
    return false;
  }

  private group(
    worn: readonly number[],
    side: "ingress" | "egress",
    packet: WalkPacket,
    peer: string,
    theirs: readonly number[],
  ): boolean {
    return worn.some((index) => this.plan.groups[index]![side].some((rule) => admits(rule, packet, peer, theirs)));
  }

  /** The longest prefix; nothing, if none fits. */
  private route(subnet: number, destination: string): string | undefined {
    if (inside(destination, "10.0.0.0/16")) return "local";
    const fitting = this.plan.subnets[subnet]!.routes.filter(
      ({ to }) => to !== "gateway" || this.plan.hasGateway,
    ).filter(({ cidr }) => inside(destination, cidr));
    fitting.sort((one, other) => Number(other.cidr.split("/")[1]) - Number(one.cidr.split("/")[1]));
    return fitting[0]?.to;
  }
}

const reply = ({ source, destination, protocol, port, sourcePort }: WalkPacket): WalkPacket => ({
  source: destination,
  destination: source,
  protocol,
  port: sourcePort,
  sourcePort: port,
});

const fits = (rule: PlanAclRule, packet: WalkPacket, peer: string): boolean => {
  if (!inside(peer, rule.cidr)) return false;
  if (rule.protocol === "-1") return true;
  if (rule.protocol !== packet.protocol) return false;
  return rule.protocol === "icmp" || (rule.from <= packet.port && packet.port <= rule.to);
};

const admits = (rule: PlanGroupRule, packet: WalkPacket, peer: string, theirs: readonly number[]): boolean => {
  const known = rule.cidr === undefined ? theirs.includes(rule.group!) : inside(peer, rule.cidr);
  if (!known) return false;
  return (
    rule.protocol === "-1" || (rule.protocol === packet.protocol && rule.from <= packet.port && packet.port <= rule.to)
  );
};

const number = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

export function inside(address: string, cidr: string): boolean {
  const [base, length] = cidr.split("/");
  const size = 2 ** (32 - Number(length));
  return Math.floor(number(address) / size) === Math.floor(number(base!) / size);
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
const isInternet = (address: string): boolean => !PRIVATE.some((cidr) => inside(address, cidr));

/** Where a host is. */
export const hostAddress = (plan: Plan, host: number): string => addressOf((plan.hosts[host] as PlanHost).subnet, host);
