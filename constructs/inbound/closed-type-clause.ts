import type { Clause } from "./clause";

const SECOND_DOOR = "it is a second door beside the load balancer: take it away";
const OPAQUE = "what it makes cannot be seen here: write its resources as constructs";
const IPV6 = "it carries IPv6, and the kit is IPv4-only: take it away";
const ROUTES = "it changes routes that the DMZ keeps closed: take it away";

/** Resources that open a door of a kind the DMZ does not have, whatever their attributes say. `x_*` is a whole family. */
const CLOSED: Readonly<Record<string, string>> = {
  "aws_cloudformation_*": OPAQUE,
  aws_cloudcontrolapi_resource: OPAQUE,
  "aws_elastic_beanstalk_*": OPAQUE,
  "aws_opsworks_*": OPAQUE,
  aws_serverlessapplicationrepository_cloudformation_stack: OPAQUE,
  aws_servicecatalog_provisioned_product: OPAQUE,
  aws_sfn_state_machine: "its definition can start tasks with public addresses: call functions directly",
  aws_ssm_association: OPAQUE,
  aws_ssm_document: OPAQUE,

  aws_api_gateway_vpc_link: SECOND_DOOR,
  aws_apigatewayv2_vpc_link: SECOND_DOOR,
  "aws_apprunner_*": SECOND_DOOR,
  aws_cloudfront_vpc_origin: SECOND_DOOR,
  "aws_ec2_client_vpn_*": SECOND_DOOR,
  aws_ec2_instance_connect_endpoint: SECOND_DOOR,
  aws_eks_cluster: SECOND_DOOR,
  aws_eip_association: "an Elastic IP belongs to the load balancer: take it away",
  aws_elb: "a classic load balancer's listeners are not the DMZ's two: use LoadBalancer",
  aws_globalaccelerator_custom_routing_listener: SECOND_DOOR,
  aws_globalaccelerator_listener: SECOND_DOOR,
  aws_lambda_function_url: "it is reached from the internet beside the load balancer: call the function under IAM",
  "aws_lightsail_*": SECOND_DOOR,
  aws_transfer_server: SECOND_DOOR,
  "aws_verifiedaccess_*": SECOND_DOOR,
  aws_vpc_endpoint_service: "it leads from other networks to the load balancer past its group: take it away",
  "aws_vpclattice_*": SECOND_DOOR,
  aws_vpn_connection: SECOND_DOOR,

  aws_egress_only_internet_gateway: IPV6,
  aws_vpc_ipv6_cidr_block_association: IPV6,

  aws_default_subnet: "it gives public addresses by default: use DmzNetwork's subnets",
  aws_main_route_table_association: ROUTES,
  aws_nat_gateway: "the broker subnets have no way out but the endpoints: use VpcEndpoints",
  aws_network_acl_association: "it takes a subnet from its network ACL: name the subnet in the ACL itself",
  aws_vpn_gateway_route_propagation: ROUTES,
};

/** Refuses the resource types of the list above. */
export const closedTypeClause: Clause = ({ type, path }) => {
  const found = Object.keys(CLOSED).find((closed) =>
    closed.endsWith("*") ? type.startsWith(closed.slice(0, -1)) : type === closed,
  );
  return found === undefined ? [] : [`${path}: no '${type}' may stand in a DMZ, got one: ${CLOSED[found]}`];
};
