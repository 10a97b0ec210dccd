/** The attributes of a block in a synthesized stack. */
export type Attributes = Record<string, unknown>;

/** A synthesized stack that a test changes: its blocks by type and a part of their id. */
export class StackDocument {
  readonly json: { resource: Record<string, Record<string, Attributes>> } & Record<string, unknown>;

  constructor(text: string) {
    this.json = JSON.parse(text) as StackDocument["json"];
  }

  get text(): string {
    return JSON.stringify(this.json, null, 1);
  }

  /** Adds a resource. @returns its address. */
  add(type: string, id: string, attributes: Attributes): string {
    (this.json.resource[type] ??= {})[id] = attributes;
    return `${type}.${id}`;
  }

  /** Address of the one resource of a type whose id has the part in it. */
  address(type: string, part: string): string {
    const ids = Object.keys(this.json.resource[type] ?? {}).filter((id) => id.includes(part));
    if (ids.length !== 1) throw new Error(`expected one ${type} with '${part}', found: ${ids.join(", ")}`);
    return `${type}.${ids[0]}`;
  }

  /** The expression for an attribute of it. */
  ref(type: string, part: string, attribute = "id"): string {
    return `\${${this.address(type, part)}.${attribute}}`;
  }

  /** Its attributes, to be changed. */
  one(type: string, part: string): Attributes {
    const [, id] = this.address(type, part).split(".");
    return this.json.resource[type]![id!]!;
  }

  remove(type: string, part: string): void {
    const [, id] = this.address(type, part).split(".");
    const others = Object.entries(this.json.resource[type]!).filter(([other]) => other !== id);
    this.json.resource[type] = Object.fromEntries(others);
  }

  // What most mutations speak of.
  get vpc(): string {
    return this.ref("aws_vpc", "network_vpc");
  }
  get gateway(): string {
    return this.ref("aws_internet_gateway", "network");
  }
  get loadBalancerGroup(): string {
    return this.ref("aws_security_group", "firewall_load-balancer");
  }
  get tasksGroup(): string {
    return this.ref("aws_security_group", "firewall_tasks");
  }
  get storeGroup(): string {
    return this.ref("aws_security_group", "firewall_store");
  }
  get publicSubnet(): string {
    return this.ref("aws_subnet", "public-eu-central-1a");
  }
  get brokerSubnet(): string {
    return this.ref("aws_subnet", "broker-eu-central-1a");
  }
  get brokerTable(): string {
    return this.ref("aws_route_table", "broker-routes");
  }
  get loadBalancer(): string {
    return this.ref("aws_lb", "load-balancer", "arn");
  }
  get service(): Attributes {
    return this.one("aws_ecs_service", "broker");
  }
  get serviceNetwork(): Attributes {
    return this.service.network_configuration as Attributes;
  }

  ingress(id: string, group: string, rule: Attributes): string {
    return this.add("aws_vpc_security_group_ingress_rule", id, {
      security_group_id: group,
      ip_protocol: "tcp",
      ...rule,
    });
  }
  egress(id: string, group: string, rule: Attributes): string {
    return this.add("aws_vpc_security_group_egress_rule", id, {
      security_group_id: group,
      ip_protocol: "tcp",
      ...rule,
    });
  }
  group(id: string, rest: Attributes = {}): string {
    return `\${${this.add("aws_security_group", id, { name: id, vpc_id: this.vpc, ...rest })}.id}`;
  }
  route(id: string, table: string, rest: Attributes): string {
    return this.add("aws_route", id, { route_table_id: table, ...rest });
  }
  listener(id: string, port: number, protocol = "TCP"): string {
    return this.add("aws_lb_listener", id, {
      load_balancer_arn: this.loadBalancer,
      port,
      protocol,
      default_action: [{ type: "forward", target_group_arn: this.ref("aws_lb_target_group", "https", "arn") }],
    });
  }
  /** A machine in a public subnet, with a public address. */
  instance(id: string, rest: Attributes = {}): string {
    return this.add("aws_instance", id, {
      ami: "ami-0123456789abcdef0",
      instance_type: "t3.nano",
      subnet_id: this.publicSubnet,
      associate_public_ip_address: true,
      ...rest,
    });
  }
  /** Inline rules of a group, with all that Terraform wants written. */
  static inline(...rules: readonly Attributes[]): Attributes[] {
    const rest = { description: null, ipv6_cidr_blocks: [], prefix_list_ids: [], security_groups: [], self: false };
    return rules.map((rule) => ({ ...rest, cidr_blocks: [], ...rule }));
  }
  /** Inline routes of a table, likewise. */
  static routes(...routes: readonly Attributes[]): Attributes[] {
    const names =
      "carrier_gateway_id cidr_block core_network_arn destination_prefix_list_id egress_only_gateway_id gateway_id";
    const more =
      "ipv6_cidr_block local_gateway_id nat_gateway_id network_interface_id transit_gateway_id vpc_endpoint_id";
    const rest = Object.fromEntries(
      `${names} ${more} vpc_peering_connection_id`.split(" ").map((name) => [name, null]),
    );
    return routes.map((route) => ({ ...rest, ...route }));
  }
  /** A NAT gateway in a public subnet. @returns the expression for its id. */
  nat(): string {
    this.add("aws_eip", "way-out", { domain: "vpc" });
    return `\${${this.add("aws_nat_gateway", "way-out", { subnet_id: this.publicSubnet, allocation_id: "${aws_eip.way-out.id}" })}.id}`;
  }
  /** A rule of a network ACL, in front of what is there. */
  acl(part: string, side: "ingress" | "egress", rule: Attributes): void {
    const acl = this.one("aws_network_acl", part);
    (acl[side] as Attributes[]).push({
      action: "allow",
      protocol: "tcp",
      from_port: 0,
      to_port: 65535,
      cidr_block: null,
      ipv6_cidr_block: null,
      icmp_type: null,
      icmp_code: null,
      ...rule,
    });
  }
  /** Gives the VPC and its subnets IPv6, with a way to the internet from the public ones. */
  ipv6(): void {
    this.one("aws_vpc", "network_vpc").assign_generated_ipv6_cidr_block = true;
    for (const [index, part] of [
      "public-eu-central-1a",
      "public-eu-central-1b",
      "broker-eu-central-1a",
      "broker-eu-central-1b",
    ].entries())
      this.one("aws_subnet", part).ipv6_cidr_block =
        `\${cidrsubnet(${this.address("aws_vpc", "network_vpc")}.ipv6_cidr_block, 8, ${index})}`;
    this.route("public-ipv6", this.ref("aws_route_table", "public-routes"), {
      destination_ipv6_cidr_block: "::/0",
      gateway_id: this.gateway,
    });
  }
}
