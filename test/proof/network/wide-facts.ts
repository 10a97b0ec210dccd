import { type Facts, Reference, type Value } from "../../../proof/facts/facts";
import { factsOf } from "./network-facts";
import {
  HOST,
  v4Of,
  v6Of,
  type WideAclRule,
  type WideGroupRule,
  type WideNetwork,
  type WideRoute,
  type WideTraffic,
} from "./wide-network";

type Blocks = Record<string, Record<string, Value>>;
const id = (address: string, attribute = "id") => new Reference(address, attribute);
const VPC = id("aws_vpc.v");
const isV6 = (cidr: string): boolean => cidr.includes(":");

/** Facts of a random network, each thing written in one of the ways in which it can be. */
export function wideFacts(plan: WideNetwork): Facts {
  const blocks: Blocks = {
    "aws_vpc.v": { cidr_block: "10.0.0.0/16", ipv6_cidr_block: "2600:1f00:0:aa00::/56" },
    "aws_vpc.w": { cidr_block: "10.9.0.0/16", ipv6_cidr_block: "2600:1f00:0:bb00::/56" },
    "aws_vpc_peering_connection.p": { vpc_id: VPC, peer_vpc_id: id("aws_vpc.w") },
    "aws_subnet.nat": { vpc_id: VPC, cidr_block: "10.0.9.0/24" },
    "aws_route_table.nat": {
      vpc_id: VPC,
      route: plan.hasGateway ? [{ cidr_block: "0.0.0.0/0", gateway_id: id("aws_internet_gateway.g") }] : [],
    },
    "aws_route_table_association.nat": { subnet_id: id("aws_subnet.nat"), route_table_id: id("aws_route_table.nat") },
    "aws_nat_gateway.n": { subnet_id: id("aws_subnet.nat") },
  };
  if (plan.hasGateway) blocks["aws_internet_gateway.g"] = { vpc_id: VPC };
  if (plan.hasEgressOnly) blocks["aws_egress_only_internet_gateway.e"] = { vpc_id: VPC };
  writeSubnets(plan, blocks);
  for (const [index, group] of plan.groups.entries()) {
    const address = `aws_security_group.g${index}`;
    const inline = (side: "ingress" | "egress") =>
      group[side].filter(({ form }) => form === "inline").map((rule) => olderRule(rule));
    blocks[address] = { vpc_id: VPC, ingress: inline("ingress"), egress: inline("egress") };
    for (const side of ["ingress", "egress"] as const)
      for (const [nth, rule] of group[side].entries()) writeRule(blocks, rule, side, address, `${index}${side}${nth}`);
  }
  for (const [index, host] of plan.hosts.entries()) {
    const { families } = plan.subnets[host.subnet]!;
    const worn = host.groups.map((group) => id(`aws_security_group.g${group}`));
    const where: Record<string, Value> = { subnet_id: id(`aws_subnet.s${host.subnet}`) };
    const six: Record<string, Value> = families.includes("6")
      ? { ipv6_addresses: [v6Of(host.subnet, HOST + index)] }
      : {};
    if (host.separateInterface) {
      blocks[`aws_network_interface.h${index}`] = { ...where, ...six, security_groups: worn };
      blocks[`aws_instance.h${index}`] = {
        network_interface: [{ device_index: 0, network_interface_id: id(`aws_network_interface.h${index}`) }],
      };
    } else
      blocks[`aws_instance.h${index}`] = {
        ...where,
        ...six,
        ...(families.includes("4") && { private_ip: v4Of(host.subnet, HOST + index) }),
        vpc_security_group_ids: worn,
        associate_public_ip_address: host.publicAddress === "asked",
      };
    if (host.publicAddress === "elastic")
      blocks[`aws_eip.h${index}`] = { domain: "vpc", instance: id(`aws_instance.h${index}`) };
  }
  writeBalancer(plan, blocks);
  return factsOf(blocks);
}

function writeSubnets({ subnets, hasGateway, hasEgressOnly }: WideNetwork, blocks: Blocks): void {
  const target = ({ to }: WideRoute): Record<string, Value> | undefined => {
    if (to === "gateway") return hasGateway ? { gateway_id: id("aws_internet_gateway.g") } : undefined;
    if (to === "egress-only")
      return hasEgressOnly ? { egress_only_gateway_id: id("aws_egress_only_internet_gateway.e") } : undefined;
    return to === "nat"
      ? { nat_gateway_id: id("aws_nat_gateway.n") }
      : { vpc_peering_connection_id: id("aws_vpc_peering_connection.p") };
  };
  const main = subnets.findIndex(({ usesMain }) => usesMain);
  for (const [index, subnet] of subnets.entries()) {
    blocks[`aws_subnet.s${index}`] = {
      vpc_id: VPC,
      ...(subnet.families.includes("4") ? { cidr_block: v4Of(index, 0) + "/24" } : { ipv6_native: true }),
      ...(subnet.families.includes("6") && { ipv6_cidr_block: v6Of(index, 0) + "/64" }),
    };
    if (!subnet.usesMain || index === main) {
      const table = subnet.usesMain ? "aws_default_route_table.main" : `aws_route_table.t${index}`;
      const routes = subnet.routes.flatMap((route) => {
        const to = target(route);
        return to ? [{ cidr: route.cidr, to }] : [];
      });
      blocks[table] = {
        ...(subnet.usesMain ? { default_route_table_id: id("aws_vpc.v", "default_route_table_id") } : { vpc_id: VPC }),
        route: subnet.separateRoutes
          ? []
          : routes.map(({ cidr, to }) => ({ [isV6(cidr) ? "ipv6_cidr_block" : "cidr_block"]: cidr, ...to })),
      };
      if (subnet.separateRoutes)
        for (const [nth, { cidr, to }] of routes.entries())
          blocks[`aws_route.r${index}_${nth}`] = {
            route_table_id: id(table),
            [isV6(cidr) ? "destination_ipv6_cidr_block" : "destination_cidr_block"]: cidr,
            ...to,
          };
      if (!subnet.usesMain)
        blocks[`aws_route_table_association.a${index}`] = {
          subnet_id: id(`aws_subnet.s${index}`),
          route_table_id: id(table),
        };
    }
    if (!subnet.acl) continue;
    const { ingress, egress } = subnet.acl;
    blocks[`aws_network_acl.c${index}`] = {
      vpc_id: VPC,
      subnet_ids: [id(`aws_subnet.s${index}`)],
      // Not in order: the number counts.
      ingress: subnet.separateAcl ? [] : ingress.map(inlineAclRule).reverse(),
      egress: subnet.separateAcl ? [] : egress.map(inlineAclRule).reverse(),
    };
    if (!subnet.separateAcl) continue;
    for (const [side, rules] of Object.entries({ ingress, egress }))
      for (const rule of rules)
        blocks[`aws_network_acl_rule.${side}${index}_${rule.number}`] = {
          network_acl_id: id(`aws_network_acl.c${index}`),
          egress: side === "egress",
          rule_number: rule.number,
          rule_action: rule.allow ? "allow" : "deny",
          ...aclTraffic(rule),
        };
  }
}

const NUMBERS = { all: "-1", tcp: "6", udp: "17", icmp: "1", icmpv6: "58" } as const;
const protocolText = ({ protocol, byNumber }: WideTraffic): string =>
  byNumber || protocol === "all" ? NUMBERS[protocol] : protocol;
const isIcmp = ({ protocol }: WideTraffic): boolean => protocol === "icmp" || protocol === "icmpv6";
const groupPorts = (rule: WideTraffic) => {
  if (rule.protocol === "all") return { from_port: 0, to_port: 0 };
  return isIcmp(rule) ? { from_port: rule.type, to_port: rule.code } : { from_port: rule.from, to_port: rule.to };
};

const aclTraffic = (rule: WideAclRule): Record<string, Value> => ({
  protocol: protocolText(rule),
  ...(isIcmp(rule)
    ? { from_port: 0, to_port: 0, icmp_type: rule.type, icmp_code: rule.code }
    : { from_port: rule.from, to_port: rule.to }),
  [isV6(rule.cidr) ? "ipv6_cidr_block" : "cidr_block"]: rule.cidr,
});
const inlineAclRule = (rule: WideAclRule) => ({
  rule_no: rule.number,
  action: rule.allow ? "allow" : "deny",
  ...aclTraffic(rule),
});

const olderRule = (rule: WideGroupRule): Record<string, Value> => ({
  protocol: protocolText(rule),
  ...groupPorts(rule),
  ...("group" in rule.peer
    ? { security_groups: [id(`aws_security_group.g${rule.peer.group}`)] }
    : {
        cidr_blocks: rule.peer.cidrs.filter((cidr) => !isV6(cidr)),
        ipv6_cidr_blocks: rule.peer.cidrs.filter(isV6),
      }),
});

function writeRule(blocks: Blocks, rule: WideGroupRule, side: "ingress" | "egress", group: string, name: string): void {
  if (rule.form === "inline") return;
  if (rule.form === "older") {
    const { security_groups: named, ...rest } = olderRule(rule) as Record<string, Value[]>;
    const source: Record<string, Value> = named === undefined ? {} : { source_security_group_id: named[0]! };
    blocks[`aws_security_group_rule.r${name}`] = { type: side, security_group_id: id(group), ...rest, ...source };
    return;
  }
  const type = `aws_vpc_security_group_${side}_rule`;
  const common = { security_group_id: id(group), ip_protocol: protocolText(rule), ...groupPorts(rule) };
  if ("group" in rule.peer) {
    blocks[`${type}.r${name}`] = {
      ...common,
      referenced_security_group_id: id(`aws_security_group.g${rule.peer.group}`),
    };
    return;
  }
  // A prefix list has one family.
  for (const six of [false, true]) {
    const cidrs = rule.peer.cidrs.filter((cidr) => isV6(cidr) === six);
    if (rule.form === "list" && cidrs.length > 0) {
      const list = `aws_ec2_managed_prefix_list.l${name}${six ? 6 : 4}`;
      blocks[list] = { address_family: six ? "IPv6" : "IPv4", entry: cidrs.map((cidr) => ({ cidr })) };
      blocks[`${type}.r${name}${six ? 6 : 4}`] = { ...common, prefix_list_id: id(list) };
    }
    if (rule.form === "separate")
      for (const [nth, cidr] of cidrs.entries())
        blocks[`${type}.r${name}${six ? 6 : 4}${nth}`] = { ...common, [six ? "cidr_ipv6" : "cidr_ipv4"]: cidr };
  }
}

function writeBalancer({ balancer, hosts, subnets }: WideNetwork, blocks: Blocks): void {
  blocks["aws_lb.b"] = {
    load_balancer_type: balancer.kind,
    internal: balancer.isInternal,
    ip_address_type: balancer.isDual ? "dualstack" : "ipv4",
    subnets: balancer.subnets.map((subnet) => id(`aws_subnet.s${subnet}`)),
    security_groups: balancer.groups.map((group) => id(`aws_security_group.g${group}`)),
  };
  for (const [index, { port, protocol, group }] of balancer.listeners.entries())
    blocks[`aws_lb_listener.l${index}`] = {
      load_balancer_arn: id("aws_lb.b", "arn"),
      port,
      protocol,
      default_action: [{ type: "forward", target_group_arn: id(`aws_lb_target_group.t${group}`, "arn") }],
    };
  for (const [index, group] of balancer.targetGroups.entries()) {
    blocks[`aws_lb_target_group.t${index}`] = {
      vpc_id: VPC,
      target_type: group.type,
      protocol: group.protocol,
      port: group.port,
      preserve_client_ip: group.keepsClient ?? null,
      ip_address_type: group.family === "6" ? "ipv6" : "ipv4",
      health_check: group.healthPort === undefined ? [] : [{ port: String(group.healthPort) }],
    };
    for (const { host, port } of group.targets) {
      const { subnet } = hosts[host]!;
      const bySixth = group.type === "ip" && group.family === "6";
      if (bySixth && !subnets[subnet]!.families.includes("6")) continue;
      const owner = hosts[host]!.separateInterface && group.type === "ip" ? "aws_network_interface" : "aws_instance";
      const address = group.type === "instance" ? "id" : "private_ip";
      blocks[`aws_lb_target_group_attachment.t${index}_${host}`] = {
        target_group_arn: id(`aws_lb_target_group.t${index}`, "arn"),
        target_id: bySixth ? v6Of(subnet, HOST + host) : id(`${owner}.h${host}`, address),
        port: port ?? null,
      };
    }
  }
}
