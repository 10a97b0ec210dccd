import { StackDocument } from "./stack-document";
import { admit, jumpHost, openSecond, tcp, WORLD, type Violation } from "./violation";

const REACHES = "internet-reaches-exactly";

/** What the internet reaches and should not, or no longer reaches. */
export const REACH_VIOLATIONS: readonly Violation[] = [
  {
    title: "a second listener that the world may reach",
    mutate: (stack) => {
      openSecond(stack, "second", { cidr_ipv4: WORLD });
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
      openSecond(stack, "lower", { cidr_ipv4: "0.0.0.0/1" });
      openSecond(stack, "upper", { cidr_ipv4: "128.0.0.0/1" });
    },
    property: REACHES,
    target: "tcp 8080",
    path: ["aws_vpc_security_group_ingress_rule.lower"],
  },
  {
    title: "a single foreign address",
    mutate: (stack) => {
      openSecond(stack, "one", { cidr_ipv4: "198.51.100.7/32" });
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
      openSecond(stack, "partners", { prefix_list_id: "${aws_ec2_managed_prefix_list.partners.id}" });
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
      openSecond(stack, "partners", { prefix_list_id: "${aws_ec2_managed_prefix_list.partners.id}" });
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
      jumpHost(stack, { cidr_ipv4: WORLD, ...tcp(3389) });
    },
    property: REACHES,
    target: "aws_instance.jump: tcp 3389",
    path: ["aws_internet_gateway", "aws_instance.jump", "aws_vpc_security_group_ingress_rule.jump", "aws_route_table"],
  },
  {
    title: "a machine on which ssh is open, through a network ACL rule in front",
    mutate: (stack) => {
      jumpHost(stack, { cidr_ipv4: WORLD, ...tcp(22) });
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
      jumpHost(stack, { ip_protocol: "-1", cidr_ipv4: WORLD }, { associate_public_ip_address: null });
    },
    property: REACHES,
    target: "aws_instance.jump",
    path: ["aws_subnet.network_public-eu-central-1a"],
  },
  {
    title: "a machine with an Elastic IP, bound by a resource of its own",
    mutate: (stack) => {
      jumpHost(stack, { cidr_ipv4: WORLD, ...tcp(5900) }, { associate_public_ip_address: false });
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
      jumpHost(stack, {
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
    title: "an Elastic IP on a mount target's interface",
    mutate: (stack) => {
      stack.add("aws_efs_mount_target", "outside", {
        file_system_id: "fs-0123456789abcdef0",
        subnet_id: stack.publicSubnet,
        security_groups: [stack.group("outside")],
      });
      stack.ingress("outside", "${aws_security_group.outside.id}", { cidr_ipv4: WORLD, ...tcp(2049) });
      stack.add("aws_eip", "outside", {
        domain: "vpc",
        network_interface: "${aws_efs_mount_target.outside.network_interface_id}",
      });
    },
    property: REACHES,
    target: "aws_efs_mount_target.outside: tcp 2049",
    path: ["aws_eip.outside"],
  },
  {
    title: "a machine whose interface, with the public address, is attached by a resource of its own",
    mutate: (stack) => {
      stack.add("aws_network_interface", "second", {
        subnet_id: stack.publicSubnet,
        security_groups: [stack.group("second")],
      });
      stack.ingress("second", "${aws_security_group.second.id}", { cidr_ipv4: WORLD, ...tcp(5900) });
      stack.instance("jump", { vpc_security_group_ids: [stack.storeGroup] });
      stack.add("aws_network_interface_attachment", "second", {
        instance_id: "${aws_instance.jump.id}",
        network_interface_id: "${aws_network_interface.second.id}",
        device_index: 1,
      });
      stack.add("aws_eip", "jump", { domain: "vpc", instance: "${aws_instance.jump.id}" });
    },
    property: REACHES,
    target: "aws_network_interface.second: tcp 5900",
    path: ["aws_eip.jump"],
  },
  {
    title: "an interface that has IPv6 because its subnet gives it",
    mutate: (stack) => {
      stack.ipv6();
      stack.one("aws_subnet", "public-eu-central-1a").assign_ipv6_address_on_creation = true;
      stack.add("aws_network_interface", "six", {
        subnet_id: stack.publicSubnet,
        security_groups: [stack.group("six")],
      });
      stack.ingress("six", "${aws_security_group.six.id}", { cidr_ipv6: "::/0", ...tcp(5900) });
      for (const side of ["ingress", "egress"] as const)
        stack.acl("acls_public", side, { rule_no: 900, ipv6_cidr_block: "::/0" });
    },
    property: REACHES,
    target: "aws_network_interface.six: tcp 5900",
    path: ["gives IPv6 addresses"],
  },
];
