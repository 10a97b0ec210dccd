import { describe, expect, test } from "@jest/globals";
import { CONDUITS } from "../../../policy/conduits";
import { readSynth } from "../../../proof/facts/read-synth";
import { networkInput } from "../../../proof/network/network-input";
import { foreignNetworkProperties, siteNetworkProperties } from "../../../proof/network/network-properties";
import { proveProperties } from "../../../proof/prove-properties";
import { testSite } from "../../site";
import { StackDocument } from "../mutations/stack-document";
import { synthesizeSite } from "../synthesize-site";

const ORIGINAL = synthesizeSite(testSite());

const prove = (mutate: (stack: StackDocument) => void, access: "internet" | "private" = "internet") => {
  const stack = new StackDocument(ORIGINAL);
  mutate(stack);
  const expose = access === "internet" ? [8883, 443] : [];
  return proveProperties(
    siteNetworkProperties(access),
    networkInput(readSynth(stack.text), { expose, conduits: CONDUITS }),
  );
};

/** Adds a data source. @returns the expression for its id. */
const lookUp = (stack: StackDocument, type: string, asked: object): string => {
  const data = (stack.json.data ??= {}) as Record<string, Record<string, unknown>>;
  data[type] = { ...data[type], found: asked };
  return `\${data.${type}.found.id}`;
};

/** What is not understood, and the place that must be said. */
const NOT_UNDERSTOOD: readonly (readonly [string, (stack: StackDocument) => void, string])[] = [
  ["a function URL", (stack) => stack.add("aws_lambda_function_url", "x", {}), "aws_lambda_function_url.x"],
  ["an HTTP API", (stack) => stack.add("aws_apigatewayv2_api", "x", {}), "aws_apigatewayv2_api.x"],
  ["a type that nobody has looked at", (stack) => stack.add("aws_newest_thing", "x", {}), "aws_newest_thing.x"],
  ["another provider's resource", (stack) => stack.add("null_resource", "x", {}), "null_resource.x"],
  [
    "an endpoint of somebody else's service",
    (stack) =>
      stack.add("aws_vpc_endpoint", "x", {
        vpc_id: stack.vpc,
        vpc_endpoint_type: "Interface",
        service_name: "com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0",
        subnet_ids: [stack.brokerSubnet],
        security_group_ids: [stack.storeGroup],
      }),
    "'service_name'",
  ],
  [
    "tasks behind VPC Lattice",
    (stack) => void (stack.service.vpc_lattice_configurations = [{ port_name: "x" }]),
    "'vpc_lattice_configurations'",
  ],
  [
    "a health check on a port that is none",
    (stack) => void (stack.one("aws_lb_target_group", "https").health_check = { port: "https" }),
    "'health_check[0].port'",
  ],
  [
    "a default network ACL that is adopted twice",
    (stack) => {
      const default_network_acl_id = stack.vpc.replace(/\.id\}$/, ".default_network_acl_id}");
      stack.add("aws_default_network_acl", "x", { default_network_acl_id });
      stack.add("aws_default_network_acl", "y", { default_network_acl_id });
    },
    "'default_network_acl_id'",
  ],
  [
    "a main route table that is adopted twice",
    (stack) => {
      const default_route_table_id = stack.vpc.replace(/\.id\}$/, ".default_route_table_id}");
      stack.add("aws_default_route_table", "x", { default_route_table_id });
      stack.add("aws_default_route_table", "y", { default_route_table_id });
    },
    "'default_route_table_id'",
  ],
  [
    "a rule whose ports run backwards",
    (stack) => stack.ingress("x", stack.tasksGroup, { cidr_ipv4: "0.0.0.0/0", from_port: 90, to_port: 80 }),
    "'from_port'",
  ],
  [
    "something imported, with what it had before",
    (stack) => void (stack.json.import = [{ to: "aws_security_group.x", id: "sg-0123456789abcdef0" }]),
    "'import'",
  ],
  [
    "a type by the name of a prototype's",
    (stack) => Object.assign(stack.json.resource, { constructor: { x: {} } }),
    "constructor.x",
  ],
  [
    "a range from a variable",
    (stack) => stack.ingress("x", stack.tasksGroup, { cidr_ipv4: "${var.office}", from_port: 1, to_port: 2 }),
    "'cidr_ipv4'",
  ],
  [
    "a range that is none",
    (stack) => stack.ingress("x", stack.tasksGroup, { cidr_ipv4: "10.0.0.0/40", from_port: 1, to_port: 2 }),
    "'cidr_ipv4'",
  ],
  [
    "a range from a function",
    (stack) =>
      stack.ingress("x", stack.tasksGroup, {
        cidr_ipv4: '${cidrsubnet("10.0.0.0/8", 8, 1)}',
        from_port: 1,
        to_port: 2,
      }),
    "'cidr_ipv4'",
  ],
  [
    "a prefix list by its id",
    (stack) => stack.ingress("x", stack.tasksGroup, { prefix_list_id: "pl-0123456789", from_port: 1, to_port: 2 }),
    "'prefix_list_id'",
  ],
  [
    "a rule without a protocol",
    (stack) => stack.ingress("x", stack.tasksGroup, { ip_protocol: null, cidr_ipv4: "0.0.0.0/0" }),
    "'ip_protocol'",
  ],
  [
    "a dynamic block",
    (stack) =>
      (stack.one("aws_security_group", "firewall_tasks").dynamic = { ingress: { for_each: [1], content: {} } }),
    "'ingress'",
  ],
  ["a count that is not known", (stack) => stack.add("aws_internet_gateway", "x", { count: "${var.many}" }), "'count'"],
  [
    "a peering that another account asked for",
    (stack) =>
      stack.add("aws_vpc_peering_connection_accepter", "x", { vpc_peering_connection_id: "pcx-0123456789abcdef0" }),
    "aws_vpc_peering_connection_accepter.x",
  ],
  [
    "a provisioner",
    (stack) => (stack.one("aws_vpc", "network_vpc").provisioner = [{ "local-exec": { command: "x" } }]),
    "'provisioner'",
  ],
  ["a module", (stack) => (stack.json.module = { more: { source: "./more" } }), "module.more"],
  [
    "a group that was not read",
    (stack) => (stack.serviceNetwork.security_groups = ["sg-0123456789abcdef0"]),
    "security_groups'",
  ],
  ["a subnet that was not read", (stack) => (stack.serviceNetwork.subnets = ["subnet-0123456789abcdef0"]), "subnets'"],
  [
    "a conditional",
    (stack) => (stack.serviceNetwork.assign_public_ip = "${var.open ? true : false}"),
    "assign_public_ip'",
  ],
  [
    "routes at the edge of a gateway",
    (stack) =>
      stack.add("aws_route_table_association", "x", { gateway_id: stack.gateway, route_table_id: stack.brokerTable }),
    "'gateway_id'",
  ],
  [
    "a route to an inspection endpoint",
    (stack) => stack.route("x", stack.brokerTable, { destination_cidr_block: "0.0.0.0/0", vpc_endpoint_id: "vpce-1" }),
    "'vpc_endpoint_id'",
  ],
  [
    "a rule put on a group that is looked up",
    (stack) => {
      const group = lookUp(stack, "aws_security_group", { vpc_id: stack.vpc, name: "default" });
      stack.ingress("x", group, { ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" });
    },
    "aws_vpc_security_group_ingress_rule.x: 'security_group_id'",
  ],
  [
    "a rule that admits a group that is looked up",
    (stack) =>
      stack.ingress("x", stack.tasksGroup, {
        ip_protocol: "-1",
        referenced_security_group_id: lookUp(stack, "aws_security_group", { name: "default" }),
      }),
    "'referenced_security_group_id'",
  ],
  [
    "a route to an internet gateway that is looked up",
    (stack) =>
      stack.route("x", stack.brokerTable, {
        destination_cidr_block: "0.0.0.0/0",
        gateway_id: lookUp(stack, "aws_internet_gateway", {}),
      }),
    "aws_route.x: 'gateway_id'",
  ],
  [
    "a route whose target nobody knows",
    (stack) => stack.route("x", stack.brokerTable, { destination_cidr_block: "0.0.0.0/0", newest_gateway_id: "x-1" }),
    "aws_route.x",
  ],
  [
    "a default route table that is another one",
    (stack) => (stack.one("aws_default_route_table", "network").default_route_table_id = stack.brokerTable),
    "'default_route_table_id'",
  ],
  [
    "the main route table by that name, when another is made so",
    (stack) => {
      stack.add("aws_main_route_table_association", "x", { vpc_id: stack.vpc, route_table_id: stack.brokerTable });
      stack.route("x", stack.ref("aws_vpc", "network_vpc", "main_route_table_id"), {
        destination_cidr_block: "10.99.0.0/16",
        gateway_id: stack.gateway,
      });
    },
    "aws_route.x: 'route_table_id'",
  ],
  [
    "a default network ACL that is another one",
    (stack) =>
      (stack.one("aws_default_network_acl", "default").default_network_acl_id = stack.ref(
        "aws_network_acl",
        "acls_broker",
      )),
    "'default_network_acl_id'",
  ],
  [
    "two rules of an ACL with the same number",
    (stack) => {
      for (const action of ["deny", "allow"])
        stack.acl("acls_broker", "ingress", { rule_no: 7, action, cidr_block: "10.80.0.0/20" });
    },
    "acls_broker",
  ],
  [
    "rules that Terraform leaves as they were",
    (stack) =>
      Object.assign(stack.one("aws_security_group", "firewall_tasks"), {
        ingress: [],
        lifecycle: { ignore_changes: ["ingress"] },
      }),
    "'ingress'",
  ],
  [
    "everything of a route left as it was",
    (stack) =>
      stack.add("aws_route", "x", {
        route_table_id: stack.brokerTable,
        destination_cidr_block: "10.99.0.0/16",
        gateway_id: stack.gateway,
        lifecycle: { ignore_changes: "all" },
      }),
    "aws_route.x: 'route_table_id'",
  ],
  [
    "a subnet whose range is not said",
    (stack) => delete stack.one("aws_subnet", "public-eu-central-1a").cidr_block,
    "'cidr_block'",
  ],
  [
    "a resource that Terraform forgets and AWS keeps",
    (stack) => (stack.json.removed = [{ from: "aws_instance.x", lifecycle: [{ destroy: false }] }]),
    "'removed'",
  ],
  [
    "another major version of the provider",
    (stack) =>
      Object.assign(stack.json.terraform as object, {
        required_providers: { aws: { source: "aws", version: "~> 6.0" } },
      }),
    "version",
  ],
  [
    "the same name from another provider",
    (stack) =>
      Object.assign(stack.json.terraform as object, {
        required_providers: { aws: { source: "example/aws", version: "5.100.0" } },
      }),
    "aws_vpc",
  ],
];

describe("what is not understood", () => {
  test.each(NOT_UNDERSTOOD)("is UNPROVEN with its place: %s", (_, mutate, place) => {
    const [exposure] = prove(mutate);
    if (exposure!.verdict.answer !== "UNPROVEN") throw new Error(JSON.stringify(exposure!.verdict));
    expect(exposure!.verdict.reasons.some(({ at }) => at.includes(place))).toBe(true);
  });

  test("hides no violation that is understood", () => {
    const [exposure] = prove((stack) => {
      stack.add("aws_newest_thing", "x", {});
      stack.listener("second", 8080);
      stack.ingress("second", stack.loadBalancerGroup, { cidr_ipv4: "0.0.0.0/0", from_port: 8080, to_port: 8080 });
    });
    expect(exposure!.verdict.answer).toBe("VIOLATED");
  });

  test("of a stack without any network, nothing is proven", () => {
    const input = networkInput(readSynth(JSON.stringify({ terraform: {}, resource: {} })), { expose: [] });
    expect(proveProperties(foreignNetworkProperties, input)[0]!.verdict.answer).toBe("UNPROVEN");
  });
});

describe("a private site", () => {
  /** No internet gateway, the load balancer inside. */
  const close = (stack: StackDocument) => {
    stack.remove("aws_internet_gateway", "network");
    stack.one("aws_route_table", "public-routes").route = [];
    const balancer = stack.one("aws_lb", "load-balancer");
    balancer.internal = true;
    balancer.subnet_mapping = undefined;
    balancer.subnets = [stack.publicSubnet];
  };
  const answer = (mutate: (stack: StackDocument) => void) => prove(mutate, "private")[0]!.verdict;

  test("is reached by no internet address", () => expect(answer(close).answer).toBe("PROVEN"));
  test("is none while an internet gateway is attached", () => expect(answer(() => undefined).answer).toBe("VIOLATED"));
  test("is none when the VPN's routes lead to the whole internet", () => {
    const verdict = answer((stack) => {
      close(stack);
      stack.add("aws_vpn_gateway", "plant", { vpc_id: stack.vpc });
      stack.route("plant", stack.ref("aws_route_table", "public-routes"), {
        destination_cidr_block: "0.0.0.0/0",
        gateway_id: "${aws_vpn_gateway.plant.id}",
      });
    });
    expect(verdict).toMatchObject({
      answer: "VIOLATED",
      counterexamples: expect.arrayContaining([
        expect.objectContaining({ target: expect.stringContaining("tcp 443") }),
      ]),
    });
  });
  test("may be reached over a VPN from the plant's private range", () => {
    const verdict = answer((stack) => {
      close(stack);
      stack.add("aws_vpn_gateway", "plant", { vpc_id: stack.vpc });
      stack.route("plant", stack.ref("aws_route_table", "public-routes"), {
        destination_cidr_block: "192.168.0.0/16",
        gateway_id: "${aws_vpn_gateway.plant.id}",
      });
    });
    expect(verdict.answer).toBe("PROVEN");
  });
});
