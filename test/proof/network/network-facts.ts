import type { Facts, Resource, Value } from "../../../proof/facts/facts";
import { Reference } from "../../../proof/facts/facts";
import { makeFacts } from "../../../proof/facts/make-facts";
import type { Plan, PlanAclRule, PlanGroupRule } from "./random-network";

const id = (address: string) => new Reference(address, "id");

/** Facts from blocks written in a test, by address. */
export function factsOf(blocks: Readonly<Record<string, Readonly<Record<string, Value>>>>): Facts {
  const resources = Object.entries(blocks).map(([address, values]): Resource => ({
    address,
    mode: address.startsWith("data.") ? "data" : "managed",
    type: address.replace(/^data\./, "").split(".")[0]!,
    provider: "registry.terraform.io/hashicorp/aws",
    values,
  }));
  return makeFacts("synth", "test", resources, []);
}

/** Facts of a random network: VPC 10.0.0.0/16, subnets 10.0.0.0/24 and 10.0.1.0/24, host n at .(8 + n). */
export function randomFacts({ subnets, hosts, groups, hasGateway }: Plan): Facts {
  const blocks: Record<string, Record<string, Value>> = {
    "aws_vpc.v": { cidr_block: "10.0.0.0/16" },
    "aws_subnet.nat": { vpc_id: id("aws_vpc.v"), cidr_block: "10.0.9.0/24" },
    "aws_route_table.nat": {
      vpc_id: id("aws_vpc.v"),
      route: hasGateway ? [{ cidr_block: "0.0.0.0/0", gateway_id: id("aws_internet_gateway.g") }] : [],
    },
    "aws_route_table_association.nat": { subnet_id: id("aws_subnet.nat"), route_table_id: id("aws_route_table.nat") },
    "aws_nat_gateway.n": { subnet_id: id("aws_subnet.nat") },
    "aws_vpc_peering_connection.p": { vpc_id: id("aws_vpc.v"), peer_vpc_id: "vpc-0123456789abcdef0" },
  };
  if (hasGateway) blocks["aws_internet_gateway.g"] = { vpc_id: id("aws_vpc.v") };
  for (const [index, { routes, acl }] of subnets.entries()) {
    blocks[`aws_subnet.s${index}`] = { vpc_id: id("aws_vpc.v"), cidr_block: `10.0.${index}.0/24` };
    blocks[`aws_route_table.t${index}`] = {
      vpc_id: id("aws_vpc.v"),
      route: routes.flatMap(({ cidr, to }): Value[] =>
        to === "gateway"
          ? hasGateway
            ? [{ cidr_block: cidr, gateway_id: id("aws_internet_gateway.g") }]
            : []
          : to === "nat"
            ? [{ cidr_block: cidr, nat_gateway_id: id("aws_nat_gateway.n") }]
            : [{ cidr_block: cidr, vpc_peering_connection_id: id("aws_vpc_peering_connection.p") }],
      ),
    };
    blocks[`aws_route_table_association.a${index}`] = {
      subnet_id: id(`aws_subnet.s${index}`),
      route_table_id: id(`aws_route_table.t${index}`),
    };
    if (acl)
      blocks[`aws_network_acl.c${index}`] = {
        vpc_id: id("aws_vpc.v"),
        subnet_ids: [id(`aws_subnet.s${index}`)],
        // Not in order: the number counts.
        ingress: acl.ingress.map(aclRule).reverse(),
        egress: acl.egress.map(aclRule).reverse(),
      };
  }
  for (const [index, group] of groups.entries()) {
    blocks[`aws_security_group.g${index}`] = {
      vpc_id: id("aws_vpc.v"),
      ingress: group.ingress.map(groupRule),
      egress: group.egress.map(groupRule),
    };
  }
  for (const [index, host] of hosts.entries())
    blocks[`aws_instance.h${index}`] = {
      subnet_id: id(`aws_subnet.s${host.subnet}`),
      private_ip: addressOf(host.subnet, index),
      vpc_security_group_ids: host.groups.map((group) => id(`aws_security_group.g${group}`)),
      associate_public_ip_address: host.isPublic,
    };
  return factsOf(blocks);
}

export const addressOf = (subnet: number, host: number): string => `10.0.${subnet}.${8 + host}`;

const aclRule = ({ number, allow, protocol, from, to, cidr }: PlanAclRule) => ({
  rule_no: number,
  action: allow ? "allow" : "deny",
  protocol,
  from_port: from,
  to_port: to,
  icmp_type: -1,
  icmp_code: -1,
  cidr_block: cidr,
});

const groupRule = ({ protocol, from, to, cidr, group }: PlanGroupRule) => ({
  protocol,
  from_port: from,
  to_port: to,
  cidr_blocks: cidr === undefined ? [] : [cidr],
  security_groups: group === undefined ? [] : [id(`aws_security_group.g${group}`)],
});
