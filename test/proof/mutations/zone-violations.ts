import { admit, tcp, WORLD, type Violation } from "./violation";

const ZONES = "zones-and-conduits";

/** What flows between zones and should not, or no longer flows. */
export const ZONE_VIOLATIONS: readonly Violation[] = [
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
    title: "a load balancer that passes connections on to a machine by its interface",
    mutate: (stack) => {
      stack.add("aws_lb_target_group", "side", {
        name: "side",
        port: 7000,
        protocol: "TCP",
        vpc_id: stack.vpc,
        target_type: "instance",
      });
      stack.add("aws_lb_target_group_attachment", "side", {
        target_group_arn: "${aws_lb_target_group.side.arn}",
        target_id: "${aws_instance.side.id}",
      });
      stack.add("aws_network_interface", "side", {
        subnet_id: stack.publicSubnet,
        security_groups: [stack.group("side")],
      });
      stack.instance("side", {
        subnet_id: null,
        associate_public_ip_address: null,
        network_interface: [{ device_index: 0, network_interface_id: "${aws_network_interface.side.id}" }],
      });
      stack.listener("side", 7000);
      stack.json.resource.aws_lb_listener!.side!.default_action = [
        { type: "forward", target_group_arn: "${aws_lb_target_group.side.arn}" },
      ];
      stack.egress("side", stack.loadBalancerGroup, { cidr_ipv4: "10.80.0.0/20", ...tcp(7000) });
      stack.ingress("side", "${aws_security_group.side.id}", { cidr_ipv4: "10.80.0.0/20", ...tcp(7000) });
      for (const side of ["ingress", "egress"] as const)
        stack.acl("acls_public", side, { rule_no: 50, cidr_block: "10.80.0.0/20" });
    },
    property: ZONES,
    target: "aws_network_interface.side: tcp 7000",
    source: "aws_lb.load-balancer",
    path: ["aws_lb_listener.side", "aws_lb_target_group.side"],
  },
];
