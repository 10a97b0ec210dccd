import { StackDocument } from "./stack-document";
import { letOut, letPass, natRoute, tcp, WORLD, type Violation } from "./violation";

const OUT = "no-way-out";
const NAMES = "resolver-answers-known-names";

/** Ways out of the broker's subnets, for packets and for names. */
export const WAY_OUT_VIOLATIONS: readonly Violation[] = [
  {
    title: "a way out through NAT",
    mutate: (stack) => {
      natRoute(stack);
      letOut(stack);
    },
    property: OUT,
    target: "tcp 443",
    source: "aws_ecs_service.broker",
    path: [
      "aws_vpc_security_group_egress_rule.out",
      "aws_network_acl",
      "aws_route.out",
      "aws_route_table.network_public-routes",
    ],
  },
  {
    title: "half of the internet through NAT",
    mutate: (stack) => {
      natRoute(stack, "128.0.0.0/1");
      letOut(stack);
    },
    property: OUT,
    target: "tcp 443",
    path: ["aws_route.out"],
  },
  {
    title: "the broker's subnets on the main table, which leads to NAT",
    mutate: (stack) => {
      for (const zone of ["a", "b"]) stack.remove("aws_route_table_association", `broker-eu-central-1${zone}`);
      stack.one("aws_default_route_table", "network").route = StackDocument.routes({
        cidr_block: WORLD,
        nat_gateway_id: stack.nat(),
      });
      letPass(stack);
      letOut(stack);
    },
    property: OUT,
    target: "tcp 443",
    path: ["aws_default_route_table"],
  },
  {
    title: "an internet gateway's route and public addresses for the tasks",
    mutate: (stack) => {
      stack.route("out", stack.brokerTable, { destination_cidr_block: "8.0.0.0/7", gateway_id: stack.gateway });
      stack.serviceNetwork.assign_public_ip = true;
      letOut(stack);
    },
    property: OUT,
    target: "8.0.0.0/7",
    path: ["aws_route.out", "aws_ecs_service.broker"],
  },
  {
    title: "an egress-only gateway",
    mutate: (stack) => {
      stack.ipv6();
      stack.add("aws_egress_only_internet_gateway", "six", { vpc_id: stack.vpc });
      stack.route("six", stack.brokerTable, {
        destination_ipv6_cidr_block: "::/0",
        egress_only_gateway_id: "${aws_egress_only_internet_gateway.six.id}",
      });
      stack.egress("six", stack.tasksGroup, { cidr_ipv6: "::/0", ...tcp(443) });
      stack.acl("acls_broker", "egress", { rule_no: 50, ipv6_cidr_block: "::/0" });
    },
    property: OUT,
    target: "anywhere (IPv6)",
    path: ["aws_vpc_security_group_egress_rule.six", "aws_route.six"],
  },
  {
    title: "everything to a transit gateway",
    mutate: (stack) => {
      stack.add("aws_ec2_transit_gateway", "core", {});
      stack.route("out", stack.brokerTable, {
        destination_cidr_block: WORLD,
        transit_gateway_id: "${aws_ec2_transit_gateway.core.id}",
      });
      letOut(stack);
    },
    property: OUT,
    target: "tcp 443",
    path: ["aws_route.out"],
  },
  {
    title: "a machine that forwards",
    mutate: (stack) => {
      stack.group("forwarder");
      stack.add("aws_network_interface", "forwarder", {
        subnet_id: stack.publicSubnet,
        source_dest_check: false,
        security_groups: ["${aws_security_group.forwarder.id}"],
      });
      stack.route("out", stack.brokerTable, {
        destination_cidr_block: WORLD,
        network_interface_id: "${aws_network_interface.forwarder.id}",
      });
      letPass(stack);
      letOut(stack);
    },
    property: OUT,
    target: "tcp 443",
    path: ["aws_route.out", "aws_route_table.network_public-routes"],
  },
  {
    title: "the addresses of S3 by way of NAT, since the endpoint serves other routes",
    mutate: (stack) => {
      const endpoint = stack.one("aws_vpc_endpoint", "endpoints_s3");
      endpoint.route_table_ids = [stack.ref("aws_default_route_table", "network")];
      natRoute(stack);
    },
    property: OUT,
    target: "prefix list",
    path: ["tasks-to-s3", "aws_route.out"],
  },
  {
    title: "an S3 endpoint that admits every bucket",
    mutate: (stack) => {
      stack.one("aws_vpc_endpoint", "endpoints_s3").policy = JSON.stringify({
        Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:*", Resource: "*" }],
      });
    },
    property: OUT,
    target: "anything behind aws_vpc_endpoint.endpoints_s3",
    path: ["tasks-to-s3", "aws_vpc_endpoint.endpoints_s3"],
  },
  {
    title: "an S3 endpoint on which a resource of its own puts another policy",
    mutate: (stack) => {
      stack.add("aws_vpc_endpoint_policy", "wide", {
        vpc_endpoint_id: stack.ref("aws_vpc_endpoint", "endpoints_s3"),
        policy: JSON.stringify({ Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }] }),
      });
    },
    property: OUT,
    target: "anything behind aws_vpc_endpoint.endpoints_s3",
    path: ["tasks-to-s3", "aws_vpc_endpoint_policy.wide"],
  },
  ...(
    [
      ["s3", "every bucket, by an ARN", "arn:aws:s3:::*"],
      ["s3", "every object of every bucket", "arn:aws:s3:::*/*"],
      ["s3", "buckets by the beginning of their name, which anybody may give his", "arn:aws:s3:::prod-*/*"],
      ["dynamodb", "tables of every account", "arn:aws:dynamodb:eu-central-1:*:table/riverside-state"],
    ] as const
  ).map(([endpoint, what, resource]) => ({
    title: `a gateway endpoint whose policy admits ${what}`,
    mutate: (stack: StackDocument) =>
      (stack.one("aws_vpc_endpoint", `endpoints_${endpoint}`).policy = JSON.stringify({
        Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: resource }],
      })),
    property: OUT,
    target: `anything behind aws_vpc_endpoint.endpoints_${endpoint}`,
    path: [`tasks-to-${endpoint}`, "admits every resource"],
  })),
  {
    title: "an interface endpoint without a policy, by which any account's logs can be written",
    mutate: (stack) => delete stack.one("aws_vpc_endpoint", "endpoints_logs").policy,
    property: OUT,
    target: "anything behind aws_vpc_endpoint.endpoints_logs",
    path: ["tasks-to-endpoints", "admits everything"],
  },
  {
    title: "one more interface endpoint, to S3, on which a resource of its own puts a wide policy",
    mutate: (stack) => {
      const { policy, ...logs } = stack.one("aws_vpc_endpoint", "endpoints_logs");
      stack.add("aws_vpc_endpoint", "more", { ...logs, service_name: "com.amazonaws.eu-central-1.s3" });
      stack.add("aws_vpc_endpoint_policy", "wide", {
        vpc_endpoint_id: "${aws_vpc_endpoint.more.id}",
        policy: String(policy)
          .replace(/"aws:PrincipalAccount":"\d+"/, '"aws:PrincipalType":"User"')
          .replace(/arn:aws:[^"]*/, "*"),
      });
    },
    property: OUT,
    target: "anything behind aws_vpc_endpoint.more",
    path: ["tasks-to-endpoints", "aws_vpc_endpoint_policy.wide"],
  },
  {
    title: "an S3 endpoint without a policy",
    mutate: (stack) => delete stack.one("aws_vpc_endpoint", "endpoints_s3").policy,
    property: OUT,
    target: "anything behind aws_vpc_endpoint.endpoints_s3",
    path: ["aws_vpc_endpoint.endpoints_s3"],
  },
  {
    title: "IPv4 by way of NAT64",
    mutate: (stack) => {
      stack.ipv6();
      stack.route("out", stack.brokerTable, {
        destination_ipv6_cidr_block: "64:ff9b::/96",
        nat_gateway_id: stack.nat(),
      });
      stack.egress("out", stack.tasksGroup, { cidr_ipv6: "64:ff9b::/96", ...tcp(443) });
      stack.acl("acls_broker", "egress", { rule_no: 50, ipv6_cidr_block: "::/0" });
      stack.acl("acls_public", "ingress", { rule_no: 50, ipv6_cidr_block: "::/0" });
      letPass(stack);
    },
    property: OUT,
    target: "tcp 443",
    source: "aws_ecs_service.broker",
    path: ["aws_vpc_security_group_egress_rule.out", "aws_route.out", "aws_route_table.network_public-routes"],
  },
  {
    title: "a function of both families beside the brokers, with an egress-only gateway",
    mutate: (stack) => {
      stack.ipv6();
      stack.add("aws_egress_only_internet_gateway", "six", { vpc_id: stack.vpc });
      stack.route("six", stack.brokerTable, {
        destination_ipv6_cidr_block: "::/0",
        egress_only_gateway_id: "${aws_egress_only_internet_gateway.six.id}",
      });
      stack.acl("acls_broker", "egress", { rule_no: 50, ipv6_cidr_block: "::/0" });
      const [id] = Object.keys(stack.json.resource.aws_lambda_function!);
      stack.json.resource.aws_lambda_function![id!]!.vpc_config = {
        subnet_ids: [stack.brokerSubnet],
        security_group_ids: [stack.group("beside")],
        ipv6_allowed_for_dual_stack: true,
      };
      stack.egress("beside", "${aws_security_group.beside.id}", { cidr_ipv6: "::/0", ...tcp(443) });
    },
    property: OUT,
    target: "anywhere (IPv6)",
    source: "aws_lambda_function",
    path: ["aws_vpc_security_group_egress_rule.beside", "aws_route.six"],
  },
  {
    title: "names that end like AWS's, without the dot before",
    mutate: (stack) => (stack.one("aws_route53_resolver_firewall_domain_list", "allow").domains = ["*amazonaws.com"]),
    property: NAMES,
    target: "any name server",
    path: ["*amazonaws.com"],
  },
  {
    title: "a name of somebody else's that the resolver answers for",
    mutate: (stack) => {
      (stack.one("aws_route53_resolver_firewall_domain_list", "allow").domains as string[]).push("*.updates.example");
    },
    property: NAMES,
    target: "DNS",
    path: ["aws_route53_resolver_firewall_rule"],
  },
  {
    title: "a DNS firewall that fails open",
    mutate: (stack) => (stack.one("aws_route53_resolver_firewall_config", "dns").firewall_fail_open = "ENABLED"),
    property: NAMES,
    target: "DNS",
    path: ["aws_route53_resolver_firewall_config"],
  },
  {
    title: "a DNS firewall on another network",
    mutate: (stack) => stack.remove("aws_route53_resolver_firewall_rule_group_association", "dns"),
    property: NAMES,
    target: "DNS",
    path: ["aws_vpc.network_vpc"],
  },
  {
    title: "a rule that lets every name through before it is blocked",
    mutate: (stack) => {
      stack.add("aws_route53_resolver_firewall_domain_list", "all", { name: "all", domains: ["*"] });
      stack.add("aws_route53_resolver_firewall_rule", "all", {
        name: "all",
        action: "ALERT",
        priority: 10,
        firewall_rule_group_id: stack.ref("aws_route53_resolver_firewall_rule_group", "rules"),
        firewall_domain_list_id: "${aws_route53_resolver_firewall_domain_list.all.id}",
      });
    },
    property: NAMES,
    target: "DNS",
    path: ["aws_route53_resolver_firewall_rule.all"],
  },
];
