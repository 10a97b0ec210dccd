import { type Facts, Reference, Unknown, type Value } from "../facts/facts";
import type { Step } from "../verdict";

/** What a resource changes by naming it: attached to something that was not read, it opens that, unseen. */
const ATTACHED_BY: Readonly<Record<string, readonly string[]>> = {
  aws_alb_listener: ["load_balancer_arn"],
  aws_alb_listener_rule: ["listener_arn"],
  aws_ec2_transit_gateway_vpc_attachment: ["vpc_id"],
  aws_eip: ["instance", "network_interface"],
  aws_eip_association: ["instance_id", "network_interface_id"],
  aws_elb_attachment: ["elb", "instance"],
  aws_internet_gateway: ["vpc_id"],
  aws_internet_gateway_attachment: ["vpc_id"],
  aws_lb_listener: ["load_balancer_arn"],
  aws_lb_listener_rule: ["listener_arn"],
  aws_main_route_table_association: ["vpc_id"],
  aws_network_acl: ["subnet_ids"],
  aws_network_acl_association: ["subnet_id"],
  aws_network_interface_attachment: ["instance_id", "network_interface_id"],
  aws_network_interface_sg_attachment: ["network_interface_id"],
  aws_route53_resolver_firewall_config: ["resource_id"],
  aws_route53_resolver_firewall_rule_group_association: ["vpc_id"],
  aws_route_table_association: ["subnet_id"],
  aws_vpc_endpoint_security_group_association: ["vpc_endpoint_id"],
  aws_vpc_endpoint_service: ["network_load_balancer_arns", "gateway_load_balancer_arns"],
  aws_vpc_endpoint_subnet_association: ["vpc_endpoint_id"],
  aws_vpc_ipv4_cidr_block_association: ["vpc_id"],
  aws_vpc_ipv6_cidr_block_association: ["vpc_id"],
  aws_vpc_peering_connection: ["vpc_id"],
  aws_vpn_gateway: ["vpc_id"],
  aws_vpn_gateway_attachment: ["vpc_id"],
};

/** Doubts about what is attached to things that the facts do not manage: another stack's, or an existing one's. */
export const looseEnds = (facts: Facts): Step[] =>
  facts.resources
    .filter(({ mode }) => mode === "managed")
    .flatMap(({ address, type, values }) =>
      (Object.hasOwn(ATTACHED_BY, type) ? ATTACHED_BY[type]! : []).flatMap((name) =>
        [values[name] ?? []]
          .flat()
          .filter((value) => !isManaged(facts, value))
          .map((value) => ({ at: `${address}: '${name}'`, says: reason(value) })),
      ),
    );

const isManaged = (facts: Facts, value: Value): boolean =>
  value === null ||
  value === "" ||
  (value instanceof Reference && facts.byAddress.get(value.address)?.mode === "managed");

function reason(value: Value): string {
  if (value instanceof Unknown) return value.reason;
  if (value instanceof Reference) return `is of ${value.address}, which is not managed here`;
  return typeof value === "string" ? `is '${value}', which is not among what was read` : "is known only after apply";
}
