import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DefaultRouteTable } from "@cdktf/provider-aws/lib/default-route-table";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EfsMountTarget } from "@cdktf/provider-aws/lib/efs-mount-target";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import { NetworkAclRule } from "@cdktf/provider-aws/lib/network-acl-rule";
import { NetworkInterface } from "@cdktf/provider-aws/lib/network-interface";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SecurityGroupRule } from "@cdktf/provider-aws/lib/security-group-rule";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import {
  VpcSecurityGroupIngressRule,
  type VpcSecurityGroupIngressRuleConfig,
} from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { describe, expect, test } from "@jest/globals";
import { App, TerraformHclModule, TerraformLocal, TerraformStack } from "cdktf";
import { BrokerFirewall } from "../../constructs/broker-firewall";
import { DmzNetwork } from "../../constructs/dmz-network";
import { enforceInboundRule, InboundRuleError } from "../../constructs/inbound-rule";
import { LoadBalancer } from "../../constructs/load-balancer";
import { VpcEndpoints } from "../../constructs/vpc-endpoints";
import { testSite } from "../site";
import { synth } from "../synth";

/** The DMZ as it should be, and what a fork may lay its hands on. */
interface Dmz {
  readonly stack: TerraformStack;
  readonly network: DmzNetwork;
  readonly firewall: BrokerFirewall;
  readonly door: LoadBalancer;
}

function dmz(stack: TerraformStack): Dmz {
  const site = testSite();
  const network = new DmzNetwork(stack, "network", { site });
  const firewall = new BrokerFirewall(stack, "firewall", { site, network });
  new VpcEndpoints(stack, "endpoints", { site, network, firewall });
  return { stack, network, firewall, door: new LoadBalancer(stack, "load-balancer", { site, network, firewall }) };
}

const forked = (fork: (dmz: Dmz) => void) => () =>
  synth((stack, app) => {
    fork(dmz(stack));
    enforceInboundRule(app);
  });

/** The faults that a fork is refused with. */
function faults(fork: (dmz: Dmz) => void): readonly string[] {
  try {
    forked(fork)();
  } catch (error) {
    if (error instanceof InboundRuleError) return error.faults;
    throw error;
  }
  return [];
}

const ssh = { ipProtocol: "tcp", fromPort: 22, toPort: 22, cidrIpv4: "0.0.0.0/0" };
const admit = (
  { stack }: Dmz,
  group: SecurityGroup,
  rule: Omit<VpcSecurityGroupIngressRuleConfig, "securityGroupId">,
) => new VpcSecurityGroupIngressRule(stack, "extra", { securityGroupId: group.id, ...rule });
const existing = ({ stack }: Dmz, path: string): VpcSecurityGroupIngressRule =>
  stack.node.findChild("firewall").node.findChild(path) as VpcSecurityGroupIngressRule;
const mqtt = { ipProtocol: "tcp", fromPort: 8883, toPort: 8883 };

describe("the inbound rule", () => {
  test("accepts the DMZ as the constructs build it", () => {
    expect(forked(() => undefined)).not.toThrow();
  });

  test("accepts a narrower range on the load balancer's own two ports", () => {
    expect(faults((d) => admit(d, d.firewall.loadBalancer, { ...mqtt, cidrIpv4: "198.51.100.0/24" }))).toEqual([]);
  });

  test("accepts a listed set of client ranges on the load balancer's own two ports", () => {
    expect(faults((d) => admit(d, d.firewall.loadBalancer, { ...mqtt, prefixListId: "pl-0123456789abcdef0" }))).toEqual(
      [],
    );
  });
});

describe("a security group is refused", () => {
  test("when it opens ssh on the load balancer, with path, rule, value and fix", () => {
    expect(faults((d) => admit(d, d.firewall.loadBalancer, ssh))).toEqual([
      "stack/extra: 'from_port to to_port' must be 8883 or 443, got '22-22': " +
        "take the rule away, or write tcp and a single port of the two ports of promise P1",
    ]);
  });

  test.each<[string, (d: Dmz) => unknown, string]>([
    [
      "a range of ports that spans both",
      (d) => admit(d, d.firewall.loadBalancer, { ...ssh, fromPort: 443, toPort: 8883 }),
      "'from_port to to_port' must be 8883 or 443, got '443-8883'",
    ],
    [
      "every protocol",
      (d) => admit(d, d.firewall.loadBalancer, { ipProtocol: "-1", cidrIpv4: "0.0.0.0/0" }),
      "'protocol' must be tcp, got '-1'",
    ],
    [
      "udp on a public port",
      (d) => admit(d, d.firewall.loadBalancer, { ...mqtt, ipProtocol: "udp", cidrIpv4: "0.0.0.0/0" }),
      "'protocol' must be tcp, got 'udp'",
    ],
    [
      "all ports",
      (d) => admit(d, d.firewall.loadBalancer, { ...ssh, fromPort: 0, toPort: 65535 }),
      "must be 8883 or 443, got '0-65535'",
    ],
    [
      "plaintext MQTT",
      (d) => admit(d, d.firewall.loadBalancer, { ...ssh, fromPort: 1883, toPort: 1883 }),
      "must be 8883 or 443, got '1883-1883'",
    ],
    [
      "the internet on the tasks, even on a public port",
      (d) => admit(d, d.firewall.tasks, { ...mqtt, cidrIpv4: "0.0.0.0/0" }),
      "'cidr_ipv4' must stand on the load balancer's group alone, got '0.0.0.0/0'",
    ],
    [
      "a private range on the tasks",
      (d) => admit(d, d.firewall.tasks, { ...mqtt, cidrIpv4: "10.80.0.0/20" }),
      "'cidr_ipv4' must stand on the load balancer's group alone, got '10.80.0.0/20'",
    ],
    [
      "a prefix list on the tasks",
      (d) => admit(d, d.firewall.tasks, { ...mqtt, prefixListId: "pl-0123456789abcdef0" }),
      "'prefix_list_id' must stand on the load balancer's group alone",
    ],
    [
      "a prefix list on another port of the load balancer",
      (d) =>
        admit(d, d.firewall.loadBalancer, { ...mqtt, fromPort: 22, toPort: 22, prefixListId: "pl-0123456789abcdef0" }),
      "must be 8883 or 443, got '22-22'",
    ],
    [
      "all of IPv6",
      (d) => admit(d, d.firewall.loadBalancer, { ...mqtt, cidrIpv6: "::/0" }),
      "'cidr_ipv6' must be absent, got '::/0'",
    ],
    [
      "an IPv6 range in an IPv4 attribute",
      (d) => admit(d, d.firewall.loadBalancer, { ...mqtt, cidrIpv4: "::/0" }),
      "'cidr_ipv4' must be a literal IPv4 range, got '::/0'",
    ],
    [
      "a range that only apply will know",
      (d) => admit(d, d.firewall.loadBalancer, { ...mqtt, cidrIpv4: d.network.vpc.cidrBlock }),
      "'cidr_ipv4' must be a literal IPv4 range, got '${aws_vpc.",
    ],
    [
      "a port that only apply will know",
      (d) => existing(d, "internet-to-load-balancer-443-in").addOverride("to_port", "${aws_vpc.other.tags.port}"),
      "must be 8883 or 443, got '443-${aws_vpc.other.tags.port}'",
    ],
    ["a source that is nowhere named", (d) => admit(d, d.firewall.tasks, mqtt), "'source' must be named, got null"],
    [
      "a source that an inline rule does not name",
      (d) => new SecurityGroup(d.stack, "extra", { ingress: [{ protocol: "tcp", fromPort: 8883, toPort: 8883 }] }),
      "stack/extra: 'source' must be named, got null",
    ],
    [
      "a conduit that is not declared",
      (d) => admit(d, d.firewall.store, { ...mqtt, referencedSecurityGroupId: d.firewall.loadBalancer.id }),
      "'referenced_security_group_id' must be the source of a declared conduit",
    ],
    [
      "a declared conduit backwards",
      (d) => admit(d, d.firewall.tasks, { ...mqtt, referencedSecurityGroupId: d.firewall.endpoints.id }),
      "'referenced_security_group_id' must be the source of a declared conduit",
    ],
    [
      "a declared conduit on another port",
      (d) =>
        admit(d, d.firewall.store, { ...ssh, cidrIpv4: undefined, referencedSecurityGroupId: d.firewall.tasks.id }),
      "'from_port to to_port' must be 2049, got '22-22'",
    ],
    [
      "a group from outside the app",
      (d) => admit(d, d.firewall.tasks, { ...mqtt, referencedSecurityGroupId: "sg-0123456789abcdef0" }),
      "must be the source of a declared conduit, got 'sg-0123456789abcdef0'",
    ],
    [
      "a rule smuggled in by an override",
      (d) => existing(d, "internet-to-load-balancer-8883-in").addOverride("from_port", 22),
      "stack/firewall/internet-to-load-balancer-8883-in: 'from_port to to_port' must be 8883 or 443, got '22-8883'",
    ],
    [
      "a rule smuggled in by an override of the stack",
      (d) =>
        d.stack.addOverride("resource.aws_security_group_rule.smuggled", {
          type: "ingress",
          security_group_id: "sg-0123456789abcdef0",
          protocol: "tcp",
          from_port: 22,
          to_port: 22,
          cidr_blocks: ["0.0.0.0/0"],
        }),
      "stack: aws_security_group_rule.smuggled: 'cidr_blocks' must stand on the load balancer's group alone",
    ],
    [
      "an inline rule",
      (d) =>
        new SecurityGroup(d.stack, "extra", {
          ingress: [{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] }],
        }),
      "stack/extra: 'cidr_blocks' must stand on the load balancer's group alone",
    ],
    [
      "an inline rule put into a declared group by an override",
      (d) => d.firewall.tasks.addOverride("ingress", [{ protocol: "-1", from_port: 0, to_port: 0, self: true }]),
      "stack/firewall/tasks: 'protocol' must be tcp, got '-1'",
    ],
    [
      "inline rules that only apply will know",
      (d) => d.firewall.tasks.addOverride("ingress", "${var.rules}"),
      "stack/firewall/tasks: 'ingress' must be written out, got '${var.rules}'",
    ],
    [
      "rules that Terraform unfolds",
      (d) => d.firewall.tasks.addOverride("dynamic.ingress", { for_each: [22], content: {} }),
      "stack/firewall/tasks: 'dynamic' must be written out",
    ],
    [
      "itself, when it is not the tasks'",
      (d) => d.firewall.store.addOverride("ingress", [{ protocol: "tcp", from_port: 443, to_port: 443, self: true }]),
      "stack/firewall/store: 'self' must be the source of a declared conduit",
    ],
    [
      "a separate rule of the older kind",
      (d) =>
        new SecurityGroupRule(d.stack, "extra", {
          type: "ingress",
          securityGroupId: d.firewall.endpoints.id,
          protocol: "tcp",
          fromPort: 443,
          toPort: 443,
          prefixListIds: ["pl-0123456789abcdef0"],
        }),
      "stack/extra: 'prefix_list_ids' must stand on the load balancer's group alone",
    ],
    [
      "a separate rule of the older kind, from an undeclared group",
      (d) =>
        new SecurityGroupRule(d.stack, "extra", {
          type: "ingress",
          securityGroupId: d.firewall.endpoints.id,
          protocol: "tcp",
          fromPort: 443,
          toPort: 443,
          sourceSecurityGroupId: d.firewall.store.id,
        }),
      "stack/extra: 'source_security_group_id' must be the source of a declared conduit",
    ],
    [
      "anything on a default group",
      (d) =>
        new DefaultSecurityGroup(d.stack, "extra", {
          ingress: [{ protocol: "tcp", fromPort: 8883, toPort: 8883, selfAttribute: true }],
        }),
      "stack/extra: 'self' must be the source of a declared conduit",
    ],
  ])("when it admits %s", (_, fork, message) => {
    expect(faults(fork).join("\n")).toContain(message);
  });

  test("when it joins two sites' zones", () => {
    const fork = ({ stack, firewall }: Dmz) => {
      const site = testSite({ name: "other" });
      const other = new DmzNetwork(stack, "other-network", { site });
      const theirs = new BrokerFirewall(stack, "other-firewall", { site, network: other });
      const opening = { ...mqtt, securityGroupId: theirs.tasks.id, referencedSecurityGroupId: firewall.tasks.id };
      new VpcSecurityGroupIngressRule(stack, "extra", opening);
    };
    expect(faults(fork)).toEqual([expect.stringContaining("must be the source of a declared conduit")]);
  });

  test.each<[string, (d: Dmz) => unknown]>([
    [
      "a network interface",
      ({ stack, network, firewall }) =>
        new NetworkInterface(stack, "extra", {
          subnetId: network.brokerSubnets[0]!.id,
          securityGroups: [firewall.loadBalancer.id],
        }),
    ],
    [
      "an application load balancer",
      ({ stack, firewall }) =>
        new Lb(stack, "extra", { loadBalancerType: "application", securityGroups: [firewall.loadBalancer.id] }),
    ],
    [
      "something that spells it otherwise",
      ({ stack, network, firewall }) =>
        new NetworkInterface(stack, "extra", {
          subnetId: network.brokerSubnets[0]!.id,
          securityGroups: [`\${aws_security_group.${firewall.loadBalancer.friendlyUniqueId}["id"]}`],
        }),
    ],
  ])("when it is the load balancer's and %s wears it", (_, fork) => {
    expect(faults(fork).join("\n")).toContain("stack/extra: 'security_groups' must not hold the load balancer's group");
  });

  test("when it is the load balancer's and a local hands it on under another name", () => {
    const fork = ({ stack, firewall }: Dmz) => new TerraformLocal(stack, "alias", firewall.loadBalancer.id);
    expect(faults(fork)).toEqual([
      expect.stringContaining("stack: local.alias: 'security_groups' must not hold the load balancer's group"),
    ]);
  });

  test("when it is the load balancer's and another stack takes it", () => {
    const message = forkedApp((app) => {
      const other = new TerraformStack(app, "other");
      new AwsProvider(other, "aws", { region: "eu-central-1" });
      const { firewall } = dmz(app.node.findChild("stack") as TerraformStack);
      new NetworkInterface(other, "extra", { subnetId: "subnet-1", securityGroups: [firewall.loadBalancer.id] });
      enforceInboundRule(app);
    });
    expect(message).toContain("'security_groups' must not hold the load balancer's group");
  });

  test("but not for mentioning it as something to wait for", () => {
    const fork = ({ stack, firewall }: Dmz) =>
      new Eip(stack, "extra", { domain: "vpc", dependsOn: [firewall.loadBalancer] });
    expect(faults(fork)).toEqual([]);
  });
});

describe("a network ACL is refused", () => {
  const inline = (rule: object) => (d: Dmz) =>
    new NetworkAcl(d.stack, "extra", {
      vpcId: d.network.vpc.id,
      ingress: [
        { ruleNo: 100, action: "allow", protocol: "tcp", cidrBlock: "0.0.0.0/0", fromPort: 22, toPort: 22, ...rule },
      ],
    });

  test.each<[string, (d: Dmz) => unknown, string]>([
    ["ssh", inline({}), "'from_port to to_port' must be a public port or exactly the return range, got '22-22'"],
    ["all ports", inline({ fromPort: 0, toPort: 65535 }), "got '0-65535'"],
    ["more than the return range", inline({ fromPort: 1023, toPort: 65535 }), "got '1023-65535'"],
    ["part of the return range, as if it were a service", inline({ fromPort: 1883, toPort: 1883 }), "got '1883-1883'"],
    ["all protocols", inline({ protocol: "-1", fromPort: 0, toPort: 0 }), "'protocol' must be tcp, got '-1'"],
    ["udp answers", inline({ protocol: "udp", fromPort: 1024, toPort: 65535 }), "'protocol' must be tcp, got 'udp'"],
    [
      "IPv6",
      inline({ fromPort: 443, toPort: 443, ipv6CidrBlock: "::/0" }),
      "'ipv6_cidr_block' must be absent, got '::/0'",
    ],
    [
      "ssh by a separate rule",
      (d) =>
        new NetworkAclRule(d.stack, "extra", {
          networkAclId: "acl-1",
          ruleNumber: 10,
          ruleAction: "allow",
          protocol: "tcp",
          cidrBlock: "0.0.0.0/0",
          fromPort: 22,
          toPort: 22,
        }),
      "stack/extra: 'from_port to to_port' must be a public port or exactly the return range, got '22-22'",
    ],
    [
      "ssh by an override of the default one",
      (d) =>
        (d.network.node.findChild("acls").node.findChild("default") as NetworkAcl).addOverride("ingress", [
          { action: "allow", protocol: "6", from_port: "22", to_port: "22" },
        ]),
      "stack/network/acls/default: 'from_port to to_port'",
    ],
    [
      "rules that Terraform unfolds",
      (d) =>
        (d.network.node.findChild("acls").node.findChild("broker") as NetworkAcl).addOverride("dynamic.ingress", {}),
      "stack/network/acls/broker: 'dynamic' must be written out",
    ],
  ])("when it admits %s", (_, fork, message) => {
    expect(faults(fork).join("\n")).toContain(message);
  });

  test("but not when it denies", () => {
    expect(faults(inline({ action: "deny", protocol: "-1", fromPort: 0, toPort: 0 }))).toEqual([]);
  });
});

describe("a listener is refused", () => {
  const listener = (port: number, protocol: string) => (d: Dmz) =>
    new LbListener(d.stack, "extra", {
      loadBalancerArn: d.door.lb.arn,
      port,
      protocol,
      defaultAction: [{ type: "forward" }],
    });

  test.each<[string, (d: Dmz) => unknown, string]>([
    ["listens on 1883", listener(1883, "TCP"), "stack/extra: 'port' must be 8883 or 443, got 1883"],
    ["ends TLS", listener(443, "TLS"), "stack/extra: 'protocol' must be 'TCP', got 'TLS'"],
    ["takes udp too", listener(443, "TCP_UDP"), "stack/extra: 'protocol' must be 'TCP', got 'TCP_UDP'"],
    [
      "is moved by an override",
      (d) => d.door.listeners[0]!.addOverride("port", 1883),
      "stack/load-balancer/mqtt-listener: 'port' must be 8883 or 443, got 1883",
    ],
  ])("when it %s", (_, fork, message) => {
    expect(faults(fork)).toEqual([expect.stringContaining(message)]);
  });
});

describe("a public address is refused", () => {
  const service = ({ stack, network }: Dmz) =>
    new EcsService(stack, "extra", {
      name: "extra",
      networkConfiguration: { subnets: [network.brokerSubnets[0]!.id], assignPublicIp: true },
    });

  test.each<[string, (d: Dmz) => unknown, string]>([
    ["a task", service, "stack/extra: 'assign_public_ip' must be false, got true"],
    [
      "an instance",
      (d) => new Instance(d.stack, "extra", { associatePublicIpAddress: true }),
      "stack/extra: 'associate_public_ip_address' must be false, got true",
    ],
    [
      "all that starts in a subnet",
      (d) => d.network.publicSubnets[0]!.addOverride("map_public_ip_on_launch", "${var.public}"),
      "'map_public_ip_on_launch' must be false, got '${var.public}'",
    ],
    [
      "a network interface",
      (d) => new Eip(d.stack, "extra", { networkInterface: "eni-1" }),
      "stack/extra: 'network_interface' must be absent, got 'eni-1'",
    ],
  ])("on %s", (_, fork, message) => {
    expect(faults(fork)).toEqual([expect.stringContaining(message)]);
  });
});

describe("IPv6 is refused", () => {
  test.each<[string, (d: Dmz) => unknown, string]>([
    [
      "on a VPC",
      (d) => new Vpc(d.stack, "extra", { cidrBlock: "10.0.0.0/16", assignGeneratedIpv6CidrBlock: true }),
      "'assign_generated_ipv6_cidr_block' must be absent, got true",
    ],
    [
      "on a subnet",
      (d) => new Subnet(d.stack, "extra", { vpcId: d.network.vpc.id, assignIpv6AddressOnCreation: true }),
      "'assign_ipv6_address_on_creation' must be absent, got true",
    ],
    [
      "on a dual-stack load balancer",
      (d) => d.door.lb.addOverride("ip_address_type", "dualstack"),
      "stack/load-balancer/lb: 'ip_address_type' must be 'ipv4', got 'dualstack'",
    ],
    [
      "in a route",
      (d) => d.network.publicRouteTable.addOverride("route", [{ ipv6_cidr_block: "::/0", gateway_id: "igw-1" }]),
      "stack/network/public-routes: 'ipv6_cidr_block' must be absent, got '::/0'",
    ],
  ])("%s", (_, fork, message) => {
    expect(faults(fork)).toEqual([expect.stringContaining(message)]);
  });
});

describe("a kind of door that the DMZ does not have", () => {
  test.each([
    "aws_api_gateway_vpc_link",
    "aws_apigatewayv2_vpc_link",
    "aws_apprunner_service",
    "aws_cloudcontrolapi_resource",
    "aws_cloudformation_stack",
    "aws_cloudformation_stack_set",
    "aws_cloudfront_vpc_origin",
    "aws_default_subnet",
    "aws_ec2_client_vpn_endpoint",
    "aws_ec2_instance_connect_endpoint",
    "aws_eks_cluster",
    "aws_elastic_beanstalk_environment",
    "aws_egress_only_internet_gateway",
    "aws_eip_association",
    "aws_elb",
    "aws_globalaccelerator_custom_routing_listener",
    "aws_globalaccelerator_listener",
    "aws_lambda_function_url",
    "aws_lightsail_instance",
    "aws_main_route_table_association",
    "aws_nat_gateway",
    "aws_network_acl_association",
    "aws_opsworks_stack",
    "aws_serverlessapplicationrepository_cloudformation_stack",
    "aws_servicecatalog_provisioned_product",
    "aws_sfn_state_machine",
    "aws_ssm_association",
    "aws_ssm_document",
    "aws_transfer_server",
    "aws_verifiedaccess_endpoint",
    "aws_vpc_endpoint_service",
    "aws_vpc_ipv6_cidr_block_association",
    "aws_vpclattice_service",
    "aws_vpn_connection",
    "aws_vpn_gateway_route_propagation",
  ])("is refused whatever its attributes say: %s", (type) => {
    expect(faults(({ stack }) => stack.addOverride(`resource.${type}.extra`, { name: "x" }))).toEqual([
      expect.stringContaining(`stack: ${type}.extra: no '${type}' may stand in a DMZ`),
    ]);
  });

  test.each(["associate_carrier_ip_address", "publicly_accessible"])(
    "is refused on a resource that nobody thought of: %s",
    (attribute) => {
      const fork = ({ stack }: Dmz) =>
        stack.addOverride("resource.aws_new_thing.extra", { deep: [{ [attribute]: true }] });
      expect(faults(fork)).toEqual([expect.stringContaining(`'${attribute}' must be false, got true`)]);
    },
  );
});

describe("whatever wears security groups", () => {
  const company = "sg-0123456789abcdef0";
  const raw =
    (type: string, attributes: (d: Dmz) => object) =>
    (d: Dmz): void =>
      d.stack.addOverride(`resource.${type}.extra`, attributes(d));

  test.each<[string, (d: Dmz) => unknown]>([
    [
      "a task that wears the company's group",
      ({ stack, network, firewall }) =>
        new EcsService(stack, "extra", {
          name: "extra",
          networkConfiguration: {
            subnets: network.brokerSubnets.map((subnet) => subnet.id),
            securityGroups: [firewall.tasks.id, company],
          },
        }),
    ],
    ["the load balancer", ({ door }) => door.lb.addOverride("security_groups", [company])],
    [
      "the message store's mount target",
      ({ stack, network }) =>
        new EfsMountTarget(stack, "extra", {
          fileSystemId: "fs-1",
          subnetId: network.brokerSubnets[0]!.id,
          securityGroups: [company],
        }),
    ],
    ["a function", raw("aws_lambda_function", () => ({ vpc_config: [{ security_group_ids: [company] }] }))],
    ["an instance", raw("aws_instance", () => ({ vpc_security_group_ids: [company] }))],
    [
      "an interface, by an attachment",
      raw("aws_network_interface_sg_attachment", () => ({ security_group_id: company })),
    ],
    [
      "a task that wears a group looked up",
      raw("aws_ecs_service", () => ({
        network_configuration: { security_groups: ["${data.aws_security_group.door.id}"] },
      })),
    ],
    [
      "a task that wears a group through a local",
      raw("aws_ecs_service", () => ({ network_configuration: { security_groups: ["${local.group}"] } })),
    ],
    [
      "a task that wears a list that only apply will know",
      raw("aws_ecs_service", () => ({ network_configuration: { security_groups: "${var.groups}" } })),
    ],
    [
      "a task that wears a group without a rule, written beside the firewall",
      ({ stack, network }) => {
        const own = new SecurityGroup(stack, "own", { vpcId: network.vpc.id });
        raw("aws_ecs_service", () => ({ network_configuration: { security_groups: [own.id] } }))({ stack } as Dmz);
      },
    ],
    [
      "a task that wears the groups of two sites",
      (d) => {
        const site = testSite({ name: "other" });
        const network = new DmzNetwork(d.stack, "other-network", { site });
        const theirs = new BrokerFirewall(d.stack, "other-firewall", { site, network });
        raw("aws_instance", () => ({ vpc_security_group_ids: [d.firewall.tasks.id, theirs.tasks.id] }))(d);
      },
    ],
  ])("is refused when a group is not the firewall's: %s", (_, fork) => {
    expect(faults(fork)).toEqual([
      expect.stringMatching(/^stack.*must hold groups of one BrokerFirewall of this stack alone, got '/),
    ]);
  });

  test("may wear the firewall's own", () => {
    const fork = raw("aws_lambda_function", ({ network, firewall }) => ({
      replace_security_groups_on_destroy: true,
      vpc_config: [{ subnet_ids: [network.brokerSubnets[0]!.id], security_group_ids: [firewall.tasks.id] }],
    }));
    expect(faults(fork)).toEqual([]);
  });
});

describe("a place outside the broker subnets is refused", () => {
  test.each<[string, (d: Dmz) => unknown]>([
    [
      "a task in a public subnet",
      ({ stack, network, firewall }) =>
        new EcsService(stack, "extra", {
          name: "extra",
          networkConfiguration: { subnets: [network.publicSubnets[0]!.id], securityGroups: [firewall.tasks.id] },
        }),
    ],
    [
      "an instance in a subnet from outside the app",
      ({ stack }) => new Instance(stack, "extra", { subnetId: "subnet-0123456789abcdef0" }),
    ],
    [
      "a function in a subnet written beside the network",
      ({ stack, network }) => {
        const own = new Subnet(stack, "own", { vpcId: network.vpc.id });
        stack.addOverride("resource.aws_lambda_function.extra", { vpc_config: { subnet_ids: [own.id] } });
      },
    ],
    [
      "an application load balancer",
      ({ stack, network }) => new Lb(stack, "extra", { subnets: [network.publicSubnets[0]!.id] }),
    ],
  ])("%s", (_, fork) => {
    expect(faults(fork)).toEqual([
      expect.stringMatching(/^stack.*extra: 'subnet.*' must hold broker subnets of this stack's DmzNetwork alone/),
    ]);
  });
});

describe("a route is refused", () => {
  const gateway = ({ network }: Dmz) => ({ destinationCidrBlock: "0.0.0.0/0", gatewayId: network.internetGateway.id });
  const associated = (d: Dmz) => d.stack.node.findChild("network").node.findChild("broker-eu-central-1a-routes");

  test.each<[string, (d: Dmz) => unknown, string]>([
    [
      "that leads from the broker subnets to the internet",
      (d) => new Route(d.stack, "extra", { routeTableId: d.network.brokerRouteTable.id, ...gateway(d) }),
      "stack/extra: 'route_table_id' must be the public route table, got '${aws_route_table.",
    ],
    [
      "in a table from outside the app",
      (d) => new Route(d.stack, "extra", { routeTableId: "rtb-0123456789abcdef0", ...gateway(d) }),
      "stack/extra: 'route_table_id' must be the public route table, got 'rtb-0123456789abcdef0'",
    ],
    [
      "in the broker route table itself",
      (d) => d.network.brokerRouteTable.addOverride("route", [{ cidr_block: "0.0.0.0/0", nat_gateway_id: "nat-1" }]),
      "stack/network/broker-routes: 'route' must stand in the public route table alone",
    ],
    [
      "that Terraform unfolds",
      (d) => d.network.brokerRouteTable.addOverride("dynamic.route", { for_each: [1], content: {} }),
      "stack/network/broker-routes: 'dynamic' must stand in the public route table alone",
    ],
    [
      "that a VPN brings",
      (d) => d.network.brokerRouteTable.addOverride("propagating_vgws", ["vgw-1"]),
      "stack/network/broker-routes: 'propagating_vgws' must stand in the public route table alone",
    ],
    [
      "in the default route table",
      (d) =>
        (d.network.node.findChild("default-routes") as DefaultRouteTable).addOverride("route", [
          { cidr_block: "0.0.0.0/0", gateway_id: "igw-1" },
        ]),
      "stack/network/default-routes: 'route' must stand in the public route table alone",
    ],
    [
      "by putting a broker subnet under the public route table",
      (d) => (associated(d) as RouteTableAssociation).addOverride("route_table_id", d.network.publicRouteTable.id),
      "stack/network/broker-eu-central-1a-routes: 'route_table_id' must be the one that DmzNetwork gives the subnet",
    ],
    [
      "by putting a subnet that is spelled otherwise under the public route table",
      (d) =>
        new RouteTableAssociation(d.stack, "extra", {
          subnetId: `\${aws_subnet.${d.network.brokerSubnets[0]!.friendlyUniqueId}["id"]}`,
          routeTableId: d.network.publicRouteTable.id,
        }),
      "stack/extra: 'route_table_id' must be the one that DmzNetwork gives the subnet",
    ],
    [
      "by an association that names neither",
      (d) => d.stack.addOverride("resource.aws_route_table_association.extra", { gateway_id: "igw-1" }),
      "stack: aws_route_table_association.extra: 'route_table_id' must be the one that DmzNetwork gives the subnet",
    ],
  ])("%s", (_, fork, message) => {
    expect(faults(fork)).toEqual([expect.stringContaining(message)]);
  });

  test("but not in the public route table, where the load balancer stands", () => {
    const fork = (d: Dmz) =>
      new Route(d.stack, "extra", { routeTableId: d.network.publicRouteTable.id, ...gateway(d) });
    expect(faults(fork)).toEqual([]);
  });
});

describe("what the rule cannot read is refused", () => {
  test.each<[string, string, string]>([
    ["a resource of another provider", "resource.awscc_ec2_security_group_ingress.extra", "awscc_ec2_security_group"],
    ["a data source that runs a program", "data.external.extra", "stack: data.external.extra: 'external' must be of"],
  ])("%s", (_, path, message) => {
    expect(faults(({ stack }) => stack.addOverride(path, { name: "x" }))).toEqual([expect.stringContaining(message)]);
  });

  test.each<[string, object]>([
    ["awscc", { source: "hashicorp/awscc", version: "1.0.0" }],
    ["random", { source: "example/random", version: "1.0.0" }],
  ])("a provider that may do anything, under whatever name: %s", (name, entry) => {
    expect(faults(({ stack }) => stack.addOverride(`terraform.required_providers.${name}`, entry))).toEqual([
      expect.stringContaining(`stack: 'terraform.required_providers.${name}' must be HashiCorp's`),
    ]);
  });

  test.each(['${"cidr_blocks"}', "%{ if true }cidr_blocks%{ endif }"])(
    "an attribute whose name Terraform computes: %s",
    (name) => {
      const fork = ({ firewall }: Dmz) =>
        firewall.tasks.addOverride("ingress", [
          {
            protocol: "tcp",
            from_port: 8883,
            to_port: 8883,
            security_groups: [`\${aws_security_group.${firewall.loadBalancer.friendlyUniqueId}.id}`],
            [name]: ["0.0.0.0/0"],
          },
        ]);
      expect(faults(fork)).toEqual([
        expect.stringContaining(`stack/firewall/tasks: '${name}' must be a plain name, got ["0.0.0.0/0"]`),
      ]);
    },
  );

  test("a program that Terraform runs", () => {
    const fork = ({ firewall }: Dmz) =>
      firewall.tasks.addOverride("provisioner", [
        { "local-exec": { command: "aws ec2 authorize-security-group-ingress" } },
      ]);
    expect(faults(fork)).toEqual([expect.stringContaining("stack/firewall/tasks: 'provisioner' must be absent")]);
  });

  test.each(["random_id", "null_resource", "time_sleep", "terraform_data"])(
    "but not %s, which makes nothing",
    (type) => {
      expect(faults(({ stack }) => stack.addOverride(`resource.${type}.extra`, { triggers: {} }))).toEqual([]);
    },
  );
});

describe("the whole app is looked at", () => {
  const open = { ingress: [{ protocol: "tcp", from_port: 22, to_port: 22, cidr_blocks: ["0.0.0.0/0"] }] };

  test.each<[string, string, unknown]>([
    ["a security group", "resource.aws_security_group.evil", [open]],
    ["a list of lists", "resource.aws_security_group.evil", [[open]]],
    ["a network ACL", "resource.aws_network_acl.evil", [open]],
    ["a type of resource", "resource.aws_default_security_group", [{ evil: open }]],
    ["a data source", "data.aws_security_group.evil", [{ name: "company" }]],
    ["a type of data source", "data.aws_security_group", [{ evil: { name: "company" } }]],
  ])("a block in a list, as Terraform's JSON allows, is refused: %s", (_, path, value) => {
    expect(faults(({ stack }) => stack.addOverride(path, value))).toEqual([
      expect.stringContaining(`stack: '${path}' must be a single block, got [`),
    ]);
  });

  test.each(["resource", "data", "locals", "output"])("a section in a list is refused: %s", (section) => {
    const found = faults(({ stack }) => stack.addOverride(section, [{ aws_security_group: { evil: open } }]));
    expect(found).toContainEqual(expect.stringContaining(`stack: '${section}' must be a single block, got [`));
  });

  test.each<[string, (d: Dmz) => unknown]>([
    ["stack/firewall/tasks", (d) => d.firewall.tasks.addOverride("ingress", [open.ingress])],
    [
      "stack/network/acls/broker",
      (d) => (d.network.node.findChild("acls").node.findChild("broker") as NetworkAcl).addOverride("ingress", [[{}]]),
    ],
  ])("a rule in a list of lists is refused: %s", (path, fork) => {
    expect(faults(fork)).toEqual([expect.stringContaining(`${path}: 'ingress' must be written out, got [[`)]);
  });

  test("a module is refused, since what it opens cannot be seen", () => {
    expect(
      faults((d) => new TerraformHclModule(d.stack, "extra", { source: "terraform-aws-modules/vpc/aws" })),
    ).toEqual([expect.stringContaining("'module' must be absent")]);
  });

  test("all faults of all stacks come at once", () => {
    const message = forkedApp((app) => {
      for (const id of ["one", "two"]) {
        const stack = new TerraformStack(app, id);
        new SecurityGroupRule(stack, "ssh", {
          type: "ingress",
          securityGroupId: "sg-1",
          protocol: "-1",
          fromPort: 0,
          toPort: 0,
          cidrBlocks: ["0.0.0.0/0"],
        });
      }
      enforceInboundRule(app);
    });
    for (const path of ["one/ssh", "two/ssh"])
      for (const attribute of ["'cidr_blocks'", "'protocol'", "'from_port to to_port'"])
        expect(message).toContain(`${path}: ${attribute}`);
  });

  test("an app that skips validations is refused, and nothing tells how to skip them", () => {
    expect(() => enforceInboundRule(new App({ skipValidation: true }))).toThrow("'skipValidation' must be off");
    const message = forkedApp((app) => {
      const built = dmz(app.node.findChild("stack") as TerraformStack);
      admit(built, built.firewall.tasks, ssh);
      enforceInboundRule(app);
    });
    expect(message).toMatch(/^InboundRuleError: this would open more than tcp 8883 and 443/);
    expect(message).not.toContain("skipValidation");
  });

  test("no faulty stack is left on the disk for plain Terraform to apply", () => {
    const outdir = mkdtempSync(join(tmpdir(), "dmz-refused-"));
    try {
      const app = new App({ outdir });
      const stack = new TerraformStack(app, "plant");
      new AwsProvider(stack, "aws", { region: "eu-central-1" });
      const built = dmz(stack);
      admit(built, built.firewall.tasks, ssh);
      enforceInboundRule(app);
      expect(() => app.synth()).toThrow("must stand on the load balancer's group alone");
      expect(readdirSync(outdir, { recursive: true }).filter((file) => String(file).endsWith(".json"))).toEqual([]);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });

  test("a stack made after the rule was set is refused too", () => {
    const message = forkedApp((app) => {
      enforceInboundRule(app);
      const late = new TerraformStack(app, "late");
      new AwsProvider(late, "aws", { region: "eu-central-1" });
      new Instance(late, "box", { associatePublicIpAddress: true });
    });
    expect(message).toContain("late/box: 'associate_public_ip_address' must be false");
  });
});

/** The message with which an app's synthesis fails. */
function forkedApp(build: (app: App) => void): string {
  try {
    synth((_, app) => build(app));
  } catch (error) {
    return String(error);
  }
  return "";
}
