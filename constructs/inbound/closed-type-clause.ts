import type { Clause } from "./clause";

/** Resources that open a door of a kind the DMZ does not have, whatever their attributes say. */
const CLOSED: Readonly<Record<string, string>> = {
  aws_default_subnet: "it gives public addresses by default: use DmzNetwork's subnets",
  aws_egress_only_internet_gateway: "it carries IPv6, and the kit is IPv4-only: take it away",
  aws_eip_association: "an Elastic IP belongs to the load balancer: take it away",
  aws_elb: "a classic load balancer's listeners are not the DMZ's two: use LoadBalancer",
  aws_globalaccelerator_listener: "it is a second door beside the load balancer: take it away",
  aws_lambda_function_url: "it is reached from the internet beside the load balancer: call the function under IAM",
  aws_vpc_endpoint_service: "it leads from other networks to the load balancer past its group: take it away",
  aws_vpc_ipv6_cidr_block_association: "it carries IPv6, and the kit is IPv4-only: take it away",
};

/** Refuses the resource types of the list above. */
export const closedTypeClause: Clause = ({ type, path }) =>
  CLOSED[type] === undefined ? [] : [`${path}: no '${type}' may stand in a DMZ, got one: ${CLOSED[type]}`];
