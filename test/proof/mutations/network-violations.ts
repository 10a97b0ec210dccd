import { StackDocument } from "./stack-document";

/** A seeded fault of the network, and what must be said of it. */
export interface Violation {
  readonly title: string;
  readonly mutate: (stack: StackDocument) => void;
  /** The property that must answer VIOLATED. */
  readonly property: string;
  /** Parts of the counterexample that show that it is the right one: its target, and resources on its path. */
  readonly target: string;
  readonly path: readonly string[];
  readonly source?: string;
}

const REACHES = "internet-reaches-exactly";
const ZONES = "zones-and-conduits";
const OUT = "no-way-out";
const NAMES = "resolver-answers-known-names";
const WORLD = "0.0.0.0/0";
const tcp = (from: number, to = from) => ({ from_port: from, to_port: to });

/** A way out through NAT, but for the rule that lets packets leave the tasks. */
const natRoute = (stack: StackDocument, cidr = WORLD) => {
  letPass(stack);
  return stack.route("out", stack.brokerTable, { destination_cidr_block: cidr, nat_gateway_id: stack.nat() });
};
/** The public subnets' ACL lets out answers alone: without this, no way through them carries https. */
const letPass = (stack: StackDocument) =>
  stack.acl("acls_public", "egress", { rule_no: 50, from_port: 443, to_port: 443, cidr_block: WORLD });
const letOut = (stack: StackDocument) => stack.egress("out", stack.tasksGroup, { cidr_ipv4: WORLD, ...tcp(443) });
const admit = (stack: StackDocument, cidr: string, port: number) =>
  stack.ingress("admit", stack.tasksGroup, { cidr_ipv4: cidr, ...tcp(port) });

export const VIOLATIONS: readonly Violation[] = [
  {
    title: "a second listener that the world may reach",
    mutate: (stack) => {
      stack.listener("second", 8080);
      stack.ingress("second", stack.loadBalancerGroup, { cidr_ipv4: WORLD, ...tcp(8080) });
    },
    property: REACHES,
    target: "tcp 8080",
    path: ["aws_internet_gateway", "aws_vpc_security_group_ingress_rule.second", "aws_lb_listener.second"],
  },
  {
    title: "a world-open health port",
    mutate: (stack) => {
      stack.listener("health", 9000);
      stack.ingress("health", stack.loadBalancerGroup, { cidr_ipv4: WORLD, ...tcp(9000, 9010) });
    },
    property: REACHES,
    target: "tcp 9000",
    path: ["aws_vpc_security_group_ingress_rule.health", "aws_lb_listener.health"],
  },
  {
    title: "the internet as two halves",
    mutate: (stack) => {
      stack.listener("second", 8080);
      stack.ingress("lower", stack.loadBalancerGroup, { cidr_ipv4: "0.0.0.0/1", ...tcp(8080) });
      stack.ingress("upper", stack.loadBalancerGroup, { cidr_ipv4: "128.0.0.0/1", ...tcp(8080) });
    },
    property: REACHES,
    target: "tcp 8080",
    path: ["aws_vpc_security_group_ingress_rule.lower"],
  },
  {
    title: "a single foreign address",
    mutate: (stack) => {
      stack.listener("second", 8080);
      stack.ingress("one", stack.loadBalancerGroup, { cidr_ipv4: "198.51.100.7/32", ...tcp(8080) });
    },
    property: REACHES,
    target: "tcp 8080",
    source: "198.51.100.7",
    path: ["aws_vpc_security_group_ingress_rule.one"],
  },
  {
    title: "IPv6 only",
    mutate: (stack) => {
      stack.ipv6();
      stack.one("aws_lb", "load-balancer").ip_address_type = "dualstack";
      stack.listener("six", 8080);
      stack.ingress("six", stack.loadBalancerGroup, { cidr_ipv6: "::/0", ...tcp(8080) });
      for (const side of ["ingress", "egress"] as const)
        stack.acl("acls_public", side, { rule_no: 900, ipv6_cidr_block: "::/0" });
    },
    property: REACHES,
    target: "tcp 8080",
    source: "IPv6",
    path: ["aws_vpc_security_group_ingress_rule.six", "aws_route.public-ipv6"],
  },
  {
    title: "a prefix list of the account's own that holds the internet",
    mutate: (stack) => {
      stack.add("aws_ec2_managed_prefix_list", "partners", {
        name: "partners",
        address_family: "IPv4",
        max_entries: 1,
        entry: [{ cidr: WORLD, description: "partners" }],
      });
      stack.listener("second", 8080);
      stack.ingress("partners", stack.loadBalancerGroup, {
        prefix_list_id: "${aws_ec2_managed_prefix_list.partners.id}",
        ...tcp(8080),
      });
    },
    property: REACHES,
    target: "tcp 8080",
    path: ["aws_vpc_security_group_ingress_rule.partners"],
  },
  {
    title: "a prefix list whose entry is a resource of its own",
    mutate: (stack) => {
      stack.add("aws_ec2_managed_prefix_list", "partners", {
        name: "partners",
        address_family: "IPv4",
        max_entries: 1,
      });
      stack.add("aws_ec2_managed_prefix_list_entry", "all", {
        prefix_list_id: "${aws_ec2_managed_prefix_list.partners.id}",
        cidr: "0.0.0.0/2",
      });
      stack.listener("second", 8080);
      stack.ingress("partners", stack.loadBalancerGroup, {
        prefix_list_id: "${aws_ec2_managed_prefix_list.partners.id}",
        ...tcp(8080),
      });
    },
    property: REACHES,
    target: "tcp 8080",
    path: ["aws_vpc_security_group_ingress_rule.partners"],
  },
  {
    title: "a rule of the older kind",
    mutate: (stack) => {
      stack.listener("second", 8080);
      stack.add("aws_security_group_rule", "older", {
        type: "ingress",
        security_group_id: stack.loadBalancerGroup,
        protocol: "6",
        ...tcp(8080),
        cidr_blocks: ["10.0.0.0/8", WORLD],
      });
    },
    property: REACHES,
    target: "tcp 8080",
    path: ["aws_security_group_rule.older"],
  },
  {
    title: "an inline rule",
    mutate: (stack) => {
      stack.listener("second", 8080);
      stack.one("aws_security_group", "firewall_load-balancer").ingress = StackDocument.inline({
        protocol: "tcp",
        ...tcp(8000, 9000),
        cidr_blocks: [WORLD],
        self: false,
      });
    },
    property: REACHES,
    target: "tcp 8080",
    path: ["aws_security_group.firewall_load-balancer"],
  },
  {
    title: "a udp listener on a declared port",
    mutate: (stack) => {
      stack.listener("udp", 443, "UDP");
      stack.ingress("udp", stack.loadBalancerGroup, { ip_protocol: "udp", cidr_ipv4: WORLD, ...tcp(443) });
      stack.acl("acls_public", "ingress", { rule_no: 50, protocol: "17", cidr_block: WORLD });
    },
    property: REACHES,
    target: "udp 443",
    path: ["aws_lb_listener.udp"],
  },
  {
    title: "a load balancer without security groups",
    mutate: (stack) => {
      delete stack.one("aws_lb", "load-balancer").security_groups;
      stack.listener("plain", 1883);
    },
    property: REACHES,
    target: "tcp 1883",
    path: ["aws_lb.load-balancer", "aws_lb_listener.plain"],
  },
  {
    title: "a second load balancer beside the first",
    mutate: (stack) => {
      stack.add("aws_lb", "beside", {
        load_balancer_type: "application",
        subnets: [stack.publicSubnet],
        security_groups: [stack.group("beside-web")],
      });
      stack.add("aws_lb_listener", "beside", {
        load_balancer_arn: "${aws_lb.beside.arn}",
        port: 8443,
        protocol: "HTTPS",
        default_action: [
          { type: "fixed-response", fixed_response: [{ content_type: "text/plain", status_code: "200" }] },
        ],
      });
      stack.ingress("beside", "${aws_security_group.beside-web.id}", { cidr_ipv4: WORLD, ...tcp(8443) });
    },
    property: REACHES,
    target: "aws_lb.beside: tcp 8443",
    path: ["aws_lb_listener.beside"],
  },
  {
    title: "a classic load balancer",
    mutate: (stack) => {
      stack.group("classic", {
        ingress: StackDocument.inline({ protocol: "-1", from_port: 0, to_port: 0, cidr_blocks: [WORLD] }),
      });
      stack.add("aws_elb", "classic", {
        subnets: [stack.publicSubnet],
        security_groups: ["${aws_security_group.classic.id}"],
        listener: [{ lb_port: 8081, lb_protocol: "tcp", instance_port: 80, instance_protocol: "tcp" }],
      });
    },
    property: REACHES,
    target: "aws_elb.classic: tcp 8081",
    path: ["aws_security_group.classic"],
  },
  {
    title: "a machine with a public address and an open group",
    mutate: (stack) => {
      stack.instance("jump", { vpc_security_group_ids: [stack.group("jump")] });
      stack.ingress("jump", "${aws_security_group.jump.id}", { cidr_ipv4: WORLD, ...tcp(3389) });
    },
    property: REACHES,
    target: "aws_instance.jump: tcp 3389",
    path: ["aws_internet_gateway", "aws_instance.jump", "aws_vpc_security_group_ingress_rule.jump", "aws_route_table"],
  },
  {
    title: "a machine on which ssh is open, through a network ACL rule in front",
    mutate: (stack) => {
      stack.instance("jump", { vpc_security_group_ids: [stack.group("jump")] });
      stack.ingress("jump", "${aws_security_group.jump.id}", { cidr_ipv4: WORLD, ...tcp(22) });
      stack.acl("acls_public", "ingress", { rule_no: 50, from_port: 22, to_port: 22, cidr_block: WORLD });
    },
    property: REACHES,
    target: "aws_instance.jump: tcp 22",
    path: ["aws_network_acl"],
  },
  {
    title: "a machine whose subnet gives public addresses",
    mutate: (stack) => {
      stack.one("aws_subnet", "public-eu-central-1a").map_public_ip_on_launch = true;
      stack.instance("jump", { vpc_security_group_ids: [stack.group("jump")], associate_public_ip_address: null });
      stack.ingress("jump", "${aws_security_group.jump.id}", { ip_protocol: "-1", cidr_ipv4: WORLD });
    },
    property: REACHES,
    target: "aws_instance.jump",
    path: ["aws_subnet.network_public-eu-central-1a"],
  },
  {
    title: "a machine with an Elastic IP, bound by a resource of its own",
    mutate: (stack) => {
      stack.instance("jump", { vpc_security_group_ids: [stack.group("jump")], associate_public_ip_address: false });
      stack.ingress("jump", "${aws_security_group.jump.id}", { cidr_ipv4: WORLD, ...tcp(5900) });
      stack.add("aws_eip", "jump", { domain: "vpc" });
      stack.add("aws_eip_association", "jump", {
        instance_id: "${aws_instance.jump.id}",
        allocation_id: "${aws_eip.jump.id}",
      });
    },
    property: REACHES,
    target: "tcp 5900",
    path: ["aws_eip_association.jump"],
  },
  {
    title: "an interface with an Elastic IP, and its group put on by a resource of its own",
    mutate: (stack) => {
      stack.group("late");
      stack.ingress("late", "${aws_security_group.late.id}", { cidr_ipv4: WORLD, ...tcp(5900) });
      stack.add("aws_network_interface", "late", {
        subnet_id: stack.publicSubnet,
        security_groups: [stack.storeGroup],
      });
      stack.add("aws_network_interface_sg_attachment", "late", {
        network_interface_id: "${aws_network_interface.late.id}",
        security_group_id: "${aws_security_group.late.id}",
      });
      stack.add("aws_eip", "late", { domain: "vpc", network_interface: "${aws_network_interface.late.id}" });
    },
    property: REACHES,
    target: "aws_network_interface.late: tcp 5900",
    path: ["aws_eip.late", "aws_vpc_security_group_ingress_rule.late"],
  },
  {
    title: "the default security group, opened and worn by what names none",
    mutate: (stack) => {
      stack.one("aws_default_security_group", "network").ingress = StackDocument.inline({
        protocol: "-1",
        from_port: 0,
        to_port: 0,
        cidr_blocks: [WORLD],
      });
      stack.instance("plain");
    },
    property: REACHES,
    target: "aws_instance.plain",
    path: ["aws_default_security_group"],
  },
  {
    title: "a separate rule put on the default security group",
    mutate: (stack) => {
      stack.ingress("default", `\${${stack.address("aws_vpc", "network_vpc")}.default_security_group_id}`, {
        cidr_ipv4: WORLD,
        ...tcp(6000),
      });
      stack.instance("plain");
    },
    property: REACHES,
    target: "aws_instance.plain: tcp 6000",
    path: ["aws_vpc_security_group_ingress_rule.default"],
  },
  {
    title: "ping",
    mutate: (stack) => {
      stack.instance("jump", { vpc_security_group_ids: [stack.group("jump")] });
      stack.ingress("jump", "${aws_security_group.jump.id}", {
        ip_protocol: "icmp",
        cidr_ipv4: WORLD,
        from_port: 8,
        to_port: -1,
      });
      stack.acl("acls_public", "ingress", {
        rule_no: 50,
        protocol: "icmp",
        icmp_type: -1,
        icmp_code: -1,
        cidr_block: WORLD,
      });
    },
    property: REACHES,
    target: "icmp type 8",
    path: ["aws_vpc_security_group_ingress_rule.jump"],
  },
  {
    title: "a forgotten subnet whose routes are the main table's",
    mutate: (stack) => {
      stack.one("aws_default_route_table", "network").route = StackDocument.routes({
        cidr_block: WORLD,
        gateway_id: stack.gateway,
      });
      stack.add("aws_subnet", "forgotten", {
        vpc_id: stack.vpc,
        cidr_block: "10.80.14.0/24",
        map_public_ip_on_launch: true,
      });
      stack.remove("aws_default_network_acl", "default");
      stack.instance("forgotten", {
        subnet_id: "${aws_subnet.forgotten.id}",
        associate_public_ip_address: null,
        vpc_security_group_ids: [stack.group("forgotten-group")],
      });
      stack.ingress("forgotten", "${aws_security_group.forgotten-group.id}", { cidr_ipv4: WORLD, ...tcp(22) });
    },
    property: REACHES,
    target: "aws_instance.forgotten: tcp 22",
    path: ["aws_default_route_table", "its default network ACL"],
  },
  {
    title: "another table made the main one",
    mutate: (stack) => {
      stack.add("aws_main_route_table_association", "main", {
        vpc_id: stack.vpc,
        route_table_id: stack.ref("aws_route_table", "public-routes"),
      });
      stack.add("aws_subnet", "forgotten", { vpc_id: stack.vpc, cidr_block: "10.80.14.0/24" });
      stack.remove("aws_default_network_acl", "default");
      stack.instance("forgotten", {
        subnet_id: "${aws_subnet.forgotten.id}",
        vpc_security_group_ids: [stack.group("forgotten-group")],
      });
      stack.ingress("forgotten", "${aws_security_group.forgotten-group.id}", { cidr_ipv4: WORLD, ...tcp(22) });
    },
    property: REACHES,
    target: "aws_instance.forgotten: tcp 22",
    path: ["aws_route_table.network_public-routes"],
  },
  {
    title: "a Client VPN endpoint",
    mutate: (stack) => {
      stack.add("aws_ec2_client_vpn_endpoint", "home", {
        server_certificate_arn: "arn:aws:acm:eu-central-1:123456789012:certificate/x",
        client_cidr_block: "10.200.0.0/22",
        authentication_options: [{ type: "certificate-authentication" }],
        connection_log_options: [{ enabled: false }],
      });
    },
    property: REACHES,
    target: "aws_ec2_client_vpn_endpoint.home: udp 443",
    path: ["aws_ec2_client_vpn_endpoint.home"],
  },
  {
    title: "the internet by way of a transit gateway",
    mutate: (stack) => {
      stack.add("aws_ec2_transit_gateway", "core", {});
      stack.add("aws_ec2_transit_gateway_vpc_attachment", "core", {
        vpc_id: stack.vpc,
        transit_gateway_id: "${aws_ec2_transit_gateway.core.id}",
        subnet_ids: [stack.brokerSubnet],
      });
      stack.route("core", stack.brokerTable, {
        destination_cidr_block: WORLD,
        transit_gateway_id: "${aws_ec2_transit_gateway.core.id}",
      });
      stack.acl("acls_broker", "egress", { rule_no: 50, cidr_block: WORLD });
      admit(stack, WORLD, 5000);
    },
    property: REACHES,
    target: "tcp 5000",
    path: ["aws_ec2_transit_gateway_vpc_attachment.core", "aws_route.core"],
  },
  {
    title: "nobody reaches 443 any more",
    mutate: (stack) => stack.remove("aws_vpc_security_group_ingress_rule", "internet-to-load-balancer-443-in"),
    property: REACHES,
    target: "tcp 443",
    path: ["the network"],
  },
  {
    title: "public addresses on tasks that the internet may reach",
    mutate: (stack) => {
      Object.assign(stack.serviceNetwork, {
        assign_public_ip: true,
        subnets: [stack.publicSubnet, stack.ref("aws_subnet", "public-eu-central-1b")],
      });
      admit(stack, WORLD, 8883);
    },
    property: ZONES,
    target: "aws_ecs_service.broker",
    source: "the internet",
    path: ["aws_internet_gateway", "aws_ecs_service.broker", "aws_vpc_security_group_ingress_rule.admit"],
  },
  {
    title: "tasks that reach the store on another port",
    mutate: (stack) => {
      stack.egress("ssh", stack.tasksGroup, { referenced_security_group_id: stack.storeGroup, ...tcp(22) });
      stack.ingress("ssh", stack.storeGroup, { referenced_security_group_id: stack.tasksGroup, ...tcp(22) });
    },
    property: ZONES,
    target: "aws_efs_mount_target.message-store_mount-target-eu-central-1a",
    path: ["aws_vpc_security_group_egress_rule.ssh", "aws_vpc_security_group_ingress_rule.ssh"],
  },
  {
    title: "tasks that reach each other on everything",
    mutate: (stack) => {
      stack.add("aws_security_group_rule", "all-in", {
        type: "ingress",
        security_group_id: stack.tasksGroup,
        protocol: "-1",
        from_port: 0,
        to_port: 0,
        self: true,
      });
      stack.add("aws_security_group_rule", "all-out", {
        type: "egress",
        security_group_id: stack.tasksGroup,
        protocol: "-1",
        from_port: 0,
        to_port: 0,
        self: true,
      });
    },
    property: ZONES,
    target: "aws_ecs_service.broker",
    path: ["aws_security_group_rule.all-out", "aws_security_group_rule.all-in"],
  },
  {
    title: "a load balancer that passes connections to another port of the tasks",
    mutate: (stack) => {
      (stack.service.load_balancer as Record<string, unknown>[])[0]!.container_port = 9001;
      stack.ingress("odd", stack.tasksGroup, { referenced_security_group_id: stack.loadBalancerGroup, ...tcp(9001) });
      stack.egress("odd", stack.loadBalancerGroup, { referenced_security_group_id: stack.tasksGroup, ...tcp(9001) });
      stack.acl("acls_public", "egress", { rule_no: 50, cidr_block: "10.80.0.0/20" });
    },
    property: ZONES,
    target: "tcp 9001",
    path: ["aws_lb_listener", "aws_lb_target_group.load-balancer_mqtt", "aws_vpc_security_group_ingress_rule.odd"],
  },
  {
    title: "a machine among the brokers that wears their group",
    mutate: (stack) => {
      stack.instance("guest", {
        subnet_id: stack.brokerSubnet,
        associate_public_ip_address: false,
        vpc_security_group_ids: [stack.tasksGroup],
      });
    },
    property: ZONES,
    target: "tcp",
    source: "aws_instance.guest",
    path: ["firewall_tasks"],
  },
  {
    title: "a function in the VPC that wears the tasks' group",
    mutate: (stack) => {
      const [id] = Object.keys(stack.json.resource.aws_lambda_function!);
      stack.json.resource.aws_lambda_function![id!]!.vpc_config = {
        subnet_ids: [stack.brokerSubnet],
        security_group_ids: [stack.tasksGroup],
      };
    },
    property: ZONES,
    target: "tcp",
    source: "aws_lambda_function",
    path: ["firewall_tasks"],
  },
  {
    title: "two machines in the default group that nothing adopts",
    mutate: (stack) => {
      stack.remove("aws_default_security_group", "network");
      for (const id of ["one", "two"])
        stack.instance(id, { subnet_id: stack.brokerSubnet, associate_public_ip_address: false });
    },
    property: ZONES,
    target: "aws_instance.two",
    source: "aws_instance.one",
    path: ["its default security group"],
  },
  {
    title: "a peering with a route and a rule",
    mutate: (stack) => {
      stack.add("aws_vpc_peering_connection", "office", {
        vpc_id: stack.vpc,
        peer_vpc_id: "vpc-0123456789abcdef0",
        auto_accept: false,
      });
      stack.route("office", stack.brokerTable, {
        destination_cidr_block: "10.99.0.0/16",
        vpc_peering_connection_id: "${aws_vpc_peering_connection.office.id}",
      });
      stack.acl("acls_broker", "egress", { rule_no: 50, cidr_block: "10.99.0.0/16" });
      admit(stack, "10.99.0.0/16", 8883);
    },
    property: ZONES,
    target: "aws_ecs_service.broker",
    source: "aws_vpc_peering_connection.office",
    path: ["aws_vpc_peering_connection.office", "aws_vpc_security_group_ingress_rule.admit", "aws_route.office"],
  },
  {
    title: "a site-to-site VPN that reaches the tasks",
    mutate: (stack) => {
      stack.add("aws_vpn_gateway", "plant", { vpc_id: stack.vpc });
      stack.add("aws_customer_gateway", "plant", { bgp_asn: 65000, ip_address: "203.0.113.9", type: "ipsec.1" });
      stack.add("aws_vpn_connection", "plant", {
        vpn_gateway_id: "${aws_vpn_gateway.plant.id}",
        customer_gateway_id: "${aws_customer_gateway.plant.id}",
        type: "ipsec.1",
        static_routes_only: true,
      });
      stack.add("aws_vpn_connection_route", "plant", {
        vpn_connection_id: "${aws_vpn_connection.plant.id}",
        destination_cidr_block: "192.168.0.0/16",
      });
      stack.add("aws_vpn_gateway_route_propagation", "plant", {
        vpn_gateway_id: "${aws_vpn_gateway.plant.id}",
        route_table_id: stack.brokerTable,
      });
      stack.acl("acls_broker", "egress", { rule_no: 50, cidr_block: "192.168.0.0/16" });
      admit(stack, "192.168.1.0/24", 8883);
    },
    property: ZONES,
    target: "aws_ecs_service.broker",
    source: "aws_vpn_gateway.plant",
    path: ["aws_vpn_gateway.plant", "aws_vpn_gateway_route_propagation.plant"],
  },
  {
    title: "the load balancer offered by PrivateLink, past its group",
    mutate: (stack) => {
      stack.one("aws_lb", "load-balancer").enforce_security_group_inbound_rules_on_private_link_traffic = "off";
      stack.add("aws_vpc_endpoint_service", "offer", {
        acceptance_required: false,
        network_load_balancer_arns: [stack.loadBalancer],
      });
    },
    property: ZONES,
    target: "aws_lb.load-balancer",
    source: "aws_vpc_endpoint_service.offer",
    path: ["aws_vpc_endpoint_service.offer"],
  },
  {
    title: "the store that no task reaches",
    mutate: (stack) => stack.remove("aws_vpc_security_group_ingress_rule", "tasks-to-store-2049-in"),
    property: ZONES,
    target: "store: tcp 2049",
    source: "tasks",
    path: ["the network"],
  },
  {
    title: "a network ACL that lets no answer back to the load balancer",
    mutate: (stack) => {
      const acl = stack.one("aws_network_acl", "acls_public");
      acl.ingress = (acl.ingress as { rule_no: number }[]).filter(({ rule_no }) => rule_no !== 300);
    },
    property: ZONES,
    target: "tasks: tcp",
    source: "load-balancer",
    path: ["the network"],
  },
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
    title: "an S3 endpoint without a policy",
    mutate: (stack) => delete stack.one("aws_vpc_endpoint", "endpoints_s3").policy,
    property: OUT,
    target: "anything behind aws_vpc_endpoint.endpoints_s3",
    path: ["aws_vpc_endpoint.endpoints_s3"],
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
