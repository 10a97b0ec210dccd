import { StackDocument } from "./stack-document";

/** A change that opens nothing: every property must stay PROVEN. */
export interface Harmless {
  readonly title: string;
  readonly mutate: (stack: StackDocument) => void;
}

const WORLD = "0.0.0.0/0";
const tcp = (from: number, to = from) => ({ from_port: from, to_port: to });

export const HARMLESS: readonly Harmless[] = [
  {
    title: "a world-open group that nothing wears",
    mutate: (stack) => {
      stack.ingress("idle", stack.group("idle"), { ip_protocol: "-1", cidr_ipv4: WORLD });
    },
  },
  {
    title: "a world-open group on an interface that no route reaches",
    mutate: (stack) => {
      stack.ingress("inner", stack.group("inner"), { cidr_ipv4: "203.0.113.0/24", ...tcp(22) });
      stack.add("aws_network_interface", "inner", {
        subnet_id: stack.brokerSubnet,
        security_groups: ["${aws_security_group.inner.id}"],
      });
    },
  },
  {
    title: "a public address on an interface that lets nothing in",
    mutate: (stack) => {
      stack.add("aws_network_interface", "closed", {
        subnet_id: stack.publicSubnet,
        security_groups: [stack.group("closed")],
      });
      stack.add("aws_eip", "closed", { domain: "vpc", network_interface: "${aws_network_interface.closed.id}" });
    },
  },
  {
    title: "a rule of the load balancer for a port on which nothing listens",
    mutate: (stack) => {
      stack.ingress("unheard", stack.loadBalancerGroup, { cidr_ipv4: WORLD, ...tcp(9999) });
    },
  },
  {
    title: "a listener that the group lets nobody reach",
    mutate: (stack) => {
      stack.listener("closed", 8080);
    },
  },
  {
    title: "a listener that only the plant's private range may reach",
    mutate: (stack) => {
      stack.listener("closed", 8080);
      stack.ingress("plant", stack.loadBalancerGroup, { cidr_ipv4: "192.168.0.0/16", ...tcp(8080) });
    },
  },
  {
    title: "the internet as two halves, on a declared port",
    mutate: (stack) => {
      stack.one("aws_vpc_security_group_ingress_rule", "internet-to-load-balancer-443-in").cidr_ipv4 = "0.0.0.0/1";
      stack.ingress("upper", stack.loadBalancerGroup, { cidr_ipv4: "128.0.0.0/1", ...tcp(443) });
    },
  },
  {
    title: "fewer addresses on a declared port",
    mutate: (stack) => {
      stack.one("aws_vpc_security_group_ingress_rule", "internet-to-load-balancer-8883-in").cidr_ipv4 =
        "198.51.100.0/24";
    },
  },
  {
    title: "the same rule twice",
    mutate: (stack) => {
      stack.ingress("again", stack.loadBalancerGroup, { cidr_ipv4: WORLD, ...tcp(443) });
    },
  },
  {
    title: "an IPv6 rule in a network without IPv6",
    mutate: (stack) => {
      stack.listener("six", 8080);
      stack.ingress("six", stack.loadBalancerGroup, { cidr_ipv6: "::/0", ip_protocol: "-1" });
    },
  },
  {
    title: "IPv6 in the subnets, without a rule that lets it in",
    mutate: (stack) => stack.ipv6(),
  },
  {
    title: "an internet gateway that is attached to nothing",
    mutate: (stack) => {
      stack.add("aws_internet_gateway", "idle", {});
    },
  },
  {
    title: "a route table with a way out that no subnet has",
    mutate: (stack) => {
      stack.add("aws_route_table", "idle", {
        vpc_id: stack.vpc,
        route: StackDocument.routes({ cidr_block: WORLD, gateway_id: stack.gateway }),
      });
    },
  },
  {
    title: "a main table with a way out, while every subnet has its own",
    mutate: (stack) => {
      stack.one("aws_default_route_table", "network").route = StackDocument.routes({
        cidr_block: WORLD,
        gateway_id: stack.gateway,
      });
    },
  },
  {
    title: "a NAT gateway to which no route leads",
    mutate: (stack) => {
      stack.nat();
    },
  },
  {
    title: "a NAT route that no group lets packets take",
    mutate: (stack) => {
      stack.route("out", stack.brokerTable, { destination_cidr_block: WORLD, nat_gateway_id: stack.nat() });
    },
  },
  {
    title: "a rule to leave where no route leads out",
    mutate: (stack) => {
      stack.egress("out", stack.tasksGroup, { cidr_ipv4: WORLD, ...tcp(5000) });
    },
  },
  {
    title:
      "a way through NAT that the network ACLs stop: the broker's lets out https alone, the public one all but that",
    mutate: (stack) => {
      stack.route("out", stack.brokerTable, { destination_cidr_block: WORLD, nat_gateway_id: stack.nat() });
      stack.egress("out", stack.tasksGroup, { cidr_ipv4: WORLD, ...tcp(5000) });
      stack.egress("https", stack.tasksGroup, { cidr_ipv4: "203.0.113.0/24", ...tcp(443) });
    },
  },
  {
    title: "endpoints and store that may send anything: they open no connection",
    mutate: (stack) => {
      stack.egress("store", stack.storeGroup, { cidr_ipv4: WORLD, ip_protocol: "-1" });
    },
  },
  {
    title: "a peering to which no route leads back",
    mutate: (stack) => {
      stack.add("aws_vpc_peering_connection", "office", { vpc_id: stack.vpc, peer_vpc_id: "vpc-0123456789abcdef0" });
    },
  },
  {
    title: "a VPN gateway whose network no rule names",
    mutate: (stack) => {
      stack.add("aws_vpn_gateway", "plant", { vpc_id: stack.vpc });
      stack.route("plant", stack.brokerTable, {
        destination_cidr_block: "192.168.0.0/16",
        gateway_id: "${aws_vpn_gateway.plant.id}",
      });
    },
  },
  {
    title: "another network ACL that no subnet has",
    mutate: (stack) => {
      const all = { action: "allow", protocol: "-1", rule_no: 1, from_port: 0, to_port: 0, cidr_block: WORLD };
      stack.add("aws_network_acl", "idle", { vpc_id: stack.vpc, ingress: [all], egress: [all] });
    },
  },
  {
    title: "a network ACL rule that denies something before the others",
    mutate: (stack) => {
      stack.acl("acls_public", "ingress", { rule_no: 10, action: "deny", cidr_block: "198.51.100.0/24" });
    },
  },
  {
    title: "network ACL rules numbered anew in the same order",
    mutate: (stack) => {
      for (const rule of stack.one("aws_network_acl", "acls_broker").ingress as { rule_no: number }[])
        rule.rule_no += 7;
    },
  },
  {
    title: "another VPC, with an internet gateway and nothing in it",
    mutate: (stack) => {
      stack.add("aws_vpc", "other", { cidr_block: "10.81.0.0/16" });
      stack.add("aws_internet_gateway", "other", { vpc_id: "${aws_vpc.other.id}" });
      stack.add("aws_subnet", "other", {
        vpc_id: "${aws_vpc.other.id}",
        cidr_block: "10.81.0.0/24",
        map_public_ip_on_launch: true,
      });
    },
  },
  {
    title: "an Elastic IP that is bound to nothing, a bucket and a queue",
    mutate: (stack) => {
      stack.add("aws_eip", "idle", { domain: "vpc" });
      stack.add("aws_s3_bucket", "notes", { bucket: "notes" });
      stack.add("aws_sqs_queue", "notes", { name: "notes" });
    },
  },
  {
    title: "a target group that no listener names",
    mutate: (stack) => {
      stack.add("aws_lb_target_group", "idle", {
        name: "idle",
        port: 22,
        protocol: "TCP",
        target_type: "ip",
        vpc_id: stack.vpc,
      });
    },
  },
  {
    title: "resources under other names",
    mutate: (stack) => {
      const renamed = stack.text
        .replaceAll("firewall_tasks_", "wall_workers_")
        .replaceAll("network_vpc_", "plant_cloud_");
      Object.assign(stack.json, JSON.parse(renamed));
    },
  },
  {
    title: "an S3 endpoint for every bucket of the own account",
    mutate: (stack) => {
      const own = { StringEquals: { "aws:ResourceAccount": "123456789012" } };
      stack.one("aws_vpc_endpoint", "endpoints_s3").policy = JSON.stringify({
        Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:*", Resource: "*", Condition: own }],
      });
    },
  },
  {
    title: "an S3 endpoint for one bucket of the stack",
    mutate: (stack) => {
      stack.add("aws_s3_bucket", "notes", { bucket: "notes" });
      stack.one("aws_vpc_endpoint", "endpoints_s3").policy = JSON.stringify({
        Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:*", Resource: "${aws_s3_bucket.notes.arn}/*" }],
      });
    },
  },
  {
    title: "another block for a name that is blocked anyway",
    mutate: (stack) => {
      stack.add("aws_route53_resolver_firewall_domain_list", "bad", { name: "bad", domains: ["evil.example"] });
      stack.add("aws_route53_resolver_firewall_rule", "bad", {
        name: "bad",
        action: "BLOCK",
        priority: 10,
        firewall_rule_group_id: stack.ref("aws_route53_resolver_firewall_rule_group", "rules"),
        firewall_domain_list_id: "${aws_route53_resolver_firewall_domain_list.bad.id}",
      });
    },
  },
];
