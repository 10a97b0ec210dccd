import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EfsMountTarget } from "@cdktf/provider-aws/lib/efs-mount-target";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import { NetworkAclRule } from "@cdktf/provider-aws/lib/network-acl-rule";
import { NetworkInterface } from "@cdktf/provider-aws/lib/network-interface";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SecurityGroupRule } from "@cdktf/provider-aws/lib/security-group-rule";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { describe, expect, test } from "@jest/globals";
import { App, Aspects, TerraformHclModule, TerraformLocal, TerraformStack } from "cdktf";
import { BrokerFirewall } from "../../constructs/broker-firewall";
import { DmzNetwork } from "../../constructs/dmz-network";
import { proveAtSynthesis } from "../../stacks/prove-at-synthesis";
import { testSite } from "../site";
import {
  admit,
  dmz,
  faults,
  type Dmz,
  type Fork,
  letThrough,
  listen,
  openGroup,
  refused,
  tcp,
  WORLD,
} from "./dmz-fork";

const COMPANY = "sg-0123456789abcdef0";
const existing = ({ stack }: Dmz, path: string): VpcSecurityGroupIngressRule =>
  stack.node.findChild("firewall").node.findChild(path) as VpcSecurityGroupIngressRule;
const addressed = (group: SecurityGroup) => `aws_security_group.${group.friendlyUniqueId}`;
const raw =
  (type: string, attributes: (d: Dmz) => object): Fork =>
  (d) =>
    d.stack.addOverride(`resource.${type}.extra`, attributes(d));
/** Puts IPv6 into the network and routes it; no rule lets any of it in. */
function addIpv6({ network }: Dmz): void {
  network.vpc.addOverride("assign_generated_ipv6_cidr_block", true);
  for (const subnet of network.publicSubnets) subnet.addOverride("ipv6_cidr_block", "2001:db8::/64");
  network.publicRouteTable.addOverride("route", [
    { cidr_block: WORLD, gateway_id: network.internetGateway.id },
    { ipv6_cidr_block: "::/0", gateway_id: network.internetGateway.id },
  ]);
}

describe("the site's stack is written", () => {
  test.each<[string, Fork]>([
    ["as the constructs build it", () => undefined],
    [
      "with a narrower range on the load balancer's own two ports",
      (d) => admit(d, d.firewall.loadBalancer, { ...tcp(8883), cidrIpv4: "198.51.100.0/24" }),
    ],
    [
      "with a prefix list of its own on the load balancer's own two ports",
      (d) => {
        const entry = [{ cidr: "198.51.100.0/24" }];
        d.stack.addOverride("resource.aws_ec2_managed_prefix_list.clients", {
          name: "clients",
          address_family: "IPv4",
          max_entries: 1,
          entry,
        });
        admit(d, d.firewall.loadBalancer, {
          ...tcp(8883),
          prefixListId: "${aws_ec2_managed_prefix_list.clients.id}",
        });
      },
    ],
    [
      "with an address that nothing has, and a bucket",
      (d) => {
        new Eip(d.stack, "extra", { domain: "vpc", dependsOn: [d.firewall.loadBalancer] });
        new S3Bucket(d.stack, "bucket", { bucket: "notes" });
      },
    ],
    ...["random_id", "time_sleep", "terraform_data"].map((type): [string, Fork] => [
      `with a ${type}, which makes nothing`,
      raw(type, () => ({ triggers: {} })),
    ]),
  ])("%s", (_, fork) => {
    expect(faults(fork)).toEqual([]);
  });
});

describe("a way in is refused", () => {
  test("with the construct's path, the rule, every hop and a fix", () => {
    const [fault] = faults((d) => {
      admit(d, d.firewall.loadBalancer, { ...tcp(1883), cidrIpv4: WORLD });
      listen(d, 1883);
    });
    const where = (path: string) => String.raw`plant/${path} \(aws_\w+\.[\w-]+\)`;
    expect(fault).toMatch(
      new RegExp(
        `^${where("load-balancer/lb")}: tcp 1883: 'internet-reaches-exactly', 'zones-and-conduits' must hold, ` +
          `got a way from the internet: anywhere \\(IPv4\\), since ` +
          `${where("network/internet-gateway")} is attached to \\S+; ${where("load-balancer/lb")} faces the internet; ` +
          `${where("network/acls/public")} its inbound .*; ${where("extra")} lets in tcp 1883 with 0\\.0\\.0\\.0/0 .*; ` +
          `${where("listener")} listens on TCP 1883; .*: take one of these away: each of them alone closes the way$`,
      ),
    );
  });

  /** What each opens lies behind a listener on 1883, which the network ACL lets through as if it were an answer. */
  const behindListener: readonly [string, Fork][] = [
    ["every protocol", (d) => admit(d, d.firewall.loadBalancer, { ipProtocol: "-1", cidrIpv4: WORLD })],
    ["all ports", (d) => admit(d, d.firewall.loadBalancer, { ...tcp(0), toPort: 65535, cidrIpv4: WORLD })],
    ["a range that spans", (d) => admit(d, d.firewall.loadBalancer, { ...tcp(443), toPort: 8883, cidrIpv4: WORLD })],
    [
      "the internet as two halves",
      (d) => {
        admit(d, d.firewall.loadBalancer, { ...tcp(1883), cidrIpv4: "0.0.0.0/1" });
        admit(d, d.firewall.loadBalancer, { ...tcp(1883), cidrIpv4: "128.0.0.0/1" }, "other-half");
      },
    ],
    [
      "an override of a rule of ours",
      (d) => existing(d, "internet-to-load-balancer-8883-in").addOverride("from_port", 1024),
    ],
    [
      "an override of the stack",
      (d) =>
        d.stack.addOverride("resource.aws_security_group_rule.smuggled", {
          type: "ingress",
          security_group_id: d.firewall.loadBalancer.id,
          protocol: "6",
          from_port: "1883",
          to_port: "1883",
          cidr_blocks: [WORLD],
        }),
    ],
    [
      "an inline rule put into the declared group",
      (d) =>
        d.firewall.loadBalancer.addOverride("ingress", [
          { protocol: "tcp", from_port: 1883, to_port: 1883, cidr_blocks: [WORLD] },
        ]),
    ],
    [
      "a rule of the older kind",
      (d) =>
        new SecurityGroupRule(d.stack, "extra", {
          type: "ingress",
          securityGroupId: d.firewall.loadBalancer.id,
          protocol: "tcp",
          fromPort: 1883,
          toPort: 1883,
          cidrBlocks: [WORLD],
        }),
    ],
    [
      "a group that is spelled otherwise",
      (d) =>
        raw("aws_vpc_security_group_ingress_rule", ({ firewall }) => ({
          security_group_id: `\${${addressed(firewall.loadBalancer)}["id"]}`,
          ip_protocol: "tcp",
          from_port: 1883,
          to_port: 1883,
          cidr_ipv4: WORLD,
        }))(d),
    ],
    [
      "a local that hands the group on under another name",
      (d) => {
        const alias = new TerraformLocal(d.stack, "alias", d.firewall.loadBalancer.id);
        raw("aws_vpc_security_group_ingress_rule", () => ({
          security_group_id: `\${${alias.fqn}}`,
          ip_protocol: "tcp",
          from_port: 1883,
          to_port: 1883,
          cidr_ipv4: WORLD,
        }))(d);
      },
    ],
    [
      "an aspect, which changes a rule when the others were looked at",
      (d) =>
        Aspects.of(d.stack).add({
          visit: (node) => {
            if (node === existing(d, "internet-to-load-balancer-8883-in"))
              (node as VpcSecurityGroupIngressRule).addOverride("from_port", 1024);
          },
        }),
    ],
  ];
  test.each(behindListener)("by %s", (_, fork) => {
    const found = faults((d) => {
      fork(d);
      listen(d, 1883);
    });
    expect(found.join("\n")).toContain("tcp 1883: 'internet-reaches-exactly', 'zones-and-conduits' must hold");
  });

  test.each<[string, Fork, string]>([
    [
      "ssh, through every fence",
      (d) => {
        admit(d, d.firewall.loadBalancer, { ...tcp(22), cidrIpv4: WORLD });
        letThrough(d, d.acls.public, 22);
        listen(d, 22);
      },
      "tcp 22: 'internet-reaches-exactly', 'zones-and-conduits' must hold",
    ],
    [
      "udp on a public port",
      (d) => {
        admit(d, d.firewall.loadBalancer, { ...tcp(8883), ipProtocol: "udp", cidrIpv4: WORLD });
        letThrough(d, d.acls.public, 8883, "udp");
        listen(d, 8883, "UDP");
      },
      "udp 8883: 'internet-reaches-exactly', 'zones-and-conduits' must hold",
    ],
    [
      "IPv6 on a public port, which the promise leaves out",
      (d) => {
        addIpv6(d);
        d.door.lb.addOverride("ip_address_type", "dualstack");
        admit(d, d.firewall.loadBalancer, { ...tcp(8883), cidrIpv6: "::/0" });
        for (const [egress, from, to] of [
          [false, 8883, 8883],
          [true, 1024, 65535],
        ] as const)
          new NetworkAclRule(d.stack, `six-${egress}`, {
            networkAclId: d.acls.public.id,
            egress,
            ruleNumber: 20,
            ruleAction: "allow",
            protocol: "tcp",
            ipv6CidrBlock: "::/0",
            fromPort: from,
            toPort: to,
          });
      },
      "tcp 8883: 'zones-and-conduits' must hold, got a way from the internet: anywhere (IPv6)",
    ],
    [
      "a machine beside the load balancer, on a port that answers may have",
      (d) =>
        new Instance(d.stack, "extra", {
          subnetId: d.network.publicSubnets[0]!.id,
          vpcSecurityGroupIds: [openGroup(d, 3389).id],
          associatePublicIpAddress: true,
        }),
      "plant/extra (aws_instance.extra): tcp 3389: 'internet-reaches-exactly', 'zones-and-conduits' must hold",
    ],
    [
      "an interface with an address of its own",
      (d) => {
        const card = new NetworkInterface(d.stack, "extra", {
          subnetId: d.network.publicSubnets[0]!.id,
          securityGroups: [openGroup(d, 3389).id],
        });
        new Eip(d.stack, "address", { networkInterface: card.id });
      },
      "plant/extra (aws_network_interface.extra): tcp 3389: 'internet-reaches-exactly'",
    ],
    [
      "tasks beside the load balancer, even on a public port",
      (d) =>
        new EcsService(d.stack, "extra", {
          name: "extra",
          networkConfiguration: {
            subnets: d.network.publicSubnets.map(({ id }) => id),
            securityGroups: [openGroup(d, 8883).id],
            assignPublicIp: true,
          },
        }),
      "plant/extra (aws_ecs_service.extra): tcp 8883: 'zones-and-conduits' must hold, got a way from the internet",
    ],
    [
      "the broker's tasks: by address, route, group and ACL",
      (d) => {
        const service = d.stack.node.findChild("broker").node.findChild("service") as EcsService;
        service.addOverride("network_configuration.assign_public_ip", true);
        new Route(d.stack, "extra", {
          routeTableId: d.network.brokerRouteTable.id,
          destinationCidrBlock: WORLD,
          gatewayId: d.network.internetGateway.id,
        });
        admit(d, d.firewall.tasks, { ...tcp(8883), cidrIpv4: WORLD }, "rule");
        letThrough(d, d.acls.broker, 8883);
        new NetworkAclRule(d.stack, "answers", {
          networkAclId: d.acls.broker.id,
          egress: true,
          ruleNumber: 11,
          ruleAction: "allow",
          protocol: "tcp",
          cidrBlock: WORLD,
          fromPort: 1024,
          toPort: 65535,
        });
      },
      "tcp 8883: 'zones-and-conduits' must hold, got a way from the internet",
    ],
    [
      "a Client VPN, for which AWS answers on the internet",
      raw("aws_ec2_client_vpn_endpoint", () => ({ client_cidr_block: "10.90.0.0/16" })),
      "aws_ec2_client_vpn_endpoint.extra: udp 443: 'internet-reaches-exactly', 'zones-and-conduits' must hold",
    ],
    [
      "other networks by PrivateLink",
      raw("aws_vpc_endpoint_service", ({ door }) => ({
        acceptance_required: false,
        network_load_balancer_arns: [door.lb.arn],
      })),
      "'zones-and-conduits' must hold, got a way from aws_vpc_endpoint_service.extra",
    ],
  ])("by opening %s", (_, fork, message) => {
    expect(faults(fork).join("\n")).toContain(message);
  });

  test("and so is what would close the site: a public port that nobody reaches any more", () => {
    const found = faults((d) => d.door.listeners[0]!.addOverride("port", 1883));
    expect(found.join("\n")).toMatch(
      /'internet-reaches-exactly' must hold, .* nobody on the internet reaches tcp 8883/,
    );
    expect(found.join("\n")).toContain("put back what this way needs");
  });
});

describe("a way between zones is refused", () => {
  const joined =
    (from: (d: Dmz) => SecurityGroup, to: (d: Dmz) => SecurityGroup, port: number): Fork =>
    (d) => {
      admit(d, to(d), { ...tcp(port), referencedSecurityGroupId: from(d).id });
      new VpcSecurityGroupEgressRule(d.stack, "out", {
        securityGroupId: from(d).id,
        referencedSecurityGroupId: to(d).id,
        ...tcp(port),
      });
    };

  test.each<[string, Fork, string]>([
    [
      "on another port than the conduit's",
      joined(
        ({ firewall }) => firewall.tasks,
        ({ firewall }) => firewall.store,
        22,
      ),
      "tcp 22: 'zones-and-conduits' must hold, got a way from plant/broker/service",
    ],
    [
      "from a function that wears the tasks' group",
      raw("aws_lambda_function", ({ network, firewall }) => ({
        vpc_config: [{ subnet_ids: [network.brokerSubnets[0]!.id], security_group_ids: [firewall.tasks.id] }],
      })),
      "tcp 443: 'zones-and-conduits' must hold, got a way from aws_lambda_function.extra",
    ],
    [
      "from an interface that wears the load balancer's group",
      ({ stack, network, firewall }) =>
        new NetworkInterface(stack, "extra", {
          subnetId: network.brokerSubnets[0]!.id,
          securityGroups: [firewall.loadBalancer.id],
        }),
      "tcp 8883: 'zones-and-conduits' must hold, got a way from plant/extra",
    ],
    [
      "from an interface that wears it spelled otherwise",
      ({ stack, network, firewall }) =>
        new NetworkInterface(stack, "extra", {
          subnetId: network.brokerSubnets[0]!.id,
          securityGroups: [`\${${addressed(firewall.loadBalancer)}["id"]}`],
        }),
      "tcp 8883: 'zones-and-conduits' must hold, got a way from plant/extra",
    ],
    [
      "from a machine that wears the tasks' group beside another",
      (d) =>
        new Instance(d.stack, "extra", {
          subnetId: d.network.brokerSubnets[0]!.id,
          vpcSecurityGroupIds: [openGroup(d, 8883).id, d.firewall.tasks.id],
        }),
      "'zones-and-conduits' must hold, got a way from plant/extra",
    ],
  ])("%s", (_, fork, message) => {
    expect(faults(fork).join("\n")).toContain(message);
  });
});

describe("a way out is refused", () => {
  test("through a NAT gateway, when routes, groups and ACLs let the broker's packets take it", () => {
    const found = faults((d) => {
      const nat = new NatGateway(d.stack, "nat", { subnetId: d.network.publicSubnets[0]!.id });
      new Route(d.stack, "out", {
        routeTableId: d.network.brokerRouteTable.id,
        destinationCidrBlock: WORLD,
        natGatewayId: nat.id,
      });
      new VpcSecurityGroupEgressRule(d.stack, "rule", {
        securityGroupId: d.firewall.tasks.id,
        cidrIpv4: WORLD,
        ...tcp(443),
      });
      new NetworkAclRule(d.stack, "leave", {
        networkAclId: d.acls.public.id,
        egress: true,
        ruleNumber: 10,
        ruleAction: "allow",
        protocol: "tcp",
        cidrBlock: WORLD,
        fromPort: 443,
        toPort: 443,
      });
    });
    expect(found.join("\n")).toMatch(/'no-way-out' must hold, got a way from plant\/broker\/service .*plant\/out/);
  });
});

describe("a load balancer that reads what it passes on is refused", () => {
  test.each<[string, Fork]>([
    ["by ending TLS on a listener", (d) => listen(d, 443, "TLS")],
    [
      "by speaking HTTPS",
      ({ stack, network, firewall }) => {
        const lb = new Lb(stack, "second", {
          loadBalancerType: "application",
          subnets: network.publicSubnets.map(({ id }) => id),
          securityGroups: [firewall.loadBalancer.id],
        });
        new LbListener(stack, "https", { loadBalancerArn: lb.arn, port: 443, protocol: "HTTPS", defaultAction: [] });
      },
    ],
  ])("%s", (_, fork) => {
    expect(faults(fork).join("\n")).toMatch(
      /every message: 'tls-passes-through' must hold, .* reads what it passes on/,
    );
  });
});

describe("one fence that falls opens nothing while the others stand:", () => {
  test.each<[string, string, Fork]>([
    [
      "a group's rule for ssh",
      "nothing listens, and the network ACL denies",
      (d) => admit(d, d.firewall.loadBalancer, { ...tcp(22), cidrIpv4: WORLD }),
    ],
    ["a listener on 1883", "the group lets nobody in", (d) => listen(d, 1883)],
    [
      "the internet on the tasks' group",
      "they have no public address, and their subnets no route",
      (d) => admit(d, d.firewall.tasks, { ...tcp(8883), cidrIpv4: WORLD }),
    ],
    ["ssh in the network ACL", "the group denies, and nothing listens", (d) => letThrough(d, d.acls.public, 22)],
    [
      "a network ACL for everything",
      "no subnet has it",
      (d) =>
        new NetworkAcl(d.stack, "extra", {
          vpcId: d.network.vpc.id,
          ingress: [{ ruleNo: 1, action: "allow", protocol: "-1", cidrBlock: WORLD, fromPort: 0, toPort: 0 }],
        }),
    ],
    [
      "public addresses for tasks",
      "their subnets have no route",
      (d) =>
        (d.stack.node.findChild("broker").node.findChild("service") as EcsService).addOverride(
          "network_configuration.assign_public_ip",
          true,
        ),
    ],
    [
      "a route from the broker's subnets",
      "nothing there has a public address, and no group lets it out",
      (d) =>
        new Route(d.stack, "extra", {
          routeTableId: d.network.brokerRouteTable.id,
          destinationCidrBlock: WORLD,
          gatewayId: d.network.internetGateway.id,
        }),
    ],
    ["IPv6 in the network", "no rule lets any of it in", addIpv6],
    [
      "a rule for IPv6",
      "nothing has an address of it",
      (d) => admit(d, d.firewall.loadBalancer, { ...tcp(8883), cidrIpv6: "::/0" }),
    ],
    [
      "a conduit that is not declared, in one of two groups",
      "the other group lets nothing out",
      (d) => admit(d, d.firewall.store, { ...tcp(22), referencedSecurityGroupId: d.firewall.tasks.id }),
    ],
    [
      "a rule for another site's tasks",
      "the two networks are not joined",
      (d) => {
        const site = testSite({ name: "other" });
        const network = new DmzNetwork(d.stack, "other-network", { site });
        const theirs = new BrokerFirewall(d.stack, "other-firewall", { site, network });
        admit(d, theirs.tasks, { ...tcp(8883), referencedSecurityGroupId: d.firewall.tasks.id });
      },
    ],
    [
      "a task in a public subnet, in the tasks' group",
      "it has no public address",
      ({ stack, network, firewall }) =>
        new EcsService(stack, "extra", {
          name: "extra",
          networkConfiguration: { subnets: [network.publicSubnets[0]!.id], securityGroups: [firewall.tasks.id] },
        }),
    ],
    [
      "a function in a subnet of its own",
      "it wears the default group, which has no rule",
      (d) => {
        const own = new Subnet(d.stack, "own", { vpcId: d.network.vpc.id, cidrBlock: "10.80.15.0/24" });
        raw("aws_lambda_function", () => ({ vpc_config: [{ subnet_ids: [own.id] }] }))(d);
      },
    ],
    [
      "a NAT gateway",
      "no route leads to it",
      (d) => new NatGateway(d.stack, "extra", { subnetId: d.network.publicSubnets[0]!.id }),
    ],
  ])("%s, for %s", (_, __, fork) => {
    expect(faults(fork)).toEqual([]);
  });
});

describe("what cannot be understood is refused:", () => {
  const OPAQUE = [
    "aws_api_gateway_vpc_link",
    "aws_apigatewayv2_vpc_link",
    "aws_apprunner_service",
    "aws_cloudcontrolapi_resource",
    "aws_cloudformation_stack",
    "aws_cloudformation_stack_set",
    "aws_cloudfront_vpc_origin",
    "aws_default_subnet",
    "aws_ec2_instance_connect_endpoint",
    "aws_eks_cluster",
    "aws_elastic_beanstalk_environment",
    "aws_globalaccelerator_custom_routing_listener",
    "aws_globalaccelerator_listener",
    "aws_lambda_function_url",
    "aws_lightsail_instance",
    "aws_new_thing",
    "aws_opsworks_stack",
    "aws_serverlessapplicationrepository_cloudformation_stack",
    "aws_servicecatalog_provisioned_product",
    "aws_sfn_state_machine",
    "aws_ssm_association",
    "aws_ssm_document",
    "aws_transfer_server",
    "aws_verifiedaccess_endpoint",
    "aws_vpclattice_service",
    "awscc_ec2_security_group_ingress",
    "null_resource",
  ];
  test("every kind of door that the model does not know, by its name alone", () => {
    const found = faults(({ stack }) => {
      for (const type of OPAQUE) stack.addOverride(`resource.${type}.extra`, { name: "x" });
    });
    // No more than twenty are told at once.
    const told = found.filter((fault) =>
      fault.includes(".extra must be understood to prove 'internet-reaches-exactly'"),
    );
    expect(told.length).toBe(20);
    expect(found.at(-1)).toBe(`... and ${OPAQUE.length - 20} more of the kind`);
  });
  test.each(OPAQUE)("%s", (type) => {
    expect(faults(raw(type, () => ({ name: "x" })))).toEqual([
      expect.stringContaining(`plant: ${type}.extra must be understood to prove 'internet-reaches-exactly'`),
    ]);
  });

  test.each<[string, Fork, string]>([
    ["a data source that runs a program", ({ stack }) => stack.addOverride("data.external.x", {}), "data.external.x"],
    ["a data source of a stranger", ({ stack }) => stack.addOverride("data.shell_script.x", {}), "data.shell_script.x"],
    [
      "another provider, of which nothing is made",
      ({ stack }) => stack.addOverride("terraform.required_providers.awscc", { source: "hashicorp/awscc" }),
      "plant: 'terraform.required_providers.awscc'",
    ],
    [
      "another provider under a known one's name",
      ({ stack }) => stack.addOverride("terraform.required_providers.random", { source: "example/random" }),
      "plant: 'terraform.required_providers.random'",
    ],
    [
      "a resource of a stranger under a known one's name",
      (d) => {
        d.stack.addOverride("terraform.required_providers.random", { source: "example/random" });
        raw("random_id", () => ({ byte_length: 8 }))(d);
      },
      "random_id.extra must be understood",
    ],
    ["a provider that nothing requires", ({ stack }) => stack.addOverride("provider.shell", [{}]), "'provider.shell'"],
    [
      "a program that Terraform runs",
      ({ firewall }) => firewall.tasks.addOverride("provisioner", [{ "local-exec": { command: "aws ec2" } }]),
      "plant/firewall/tasks (",
    ],
    [
      "a module",
      ({ stack }) => new TerraformHclModule(stack, "extra", { source: "terraform-aws-modules/vpc/aws" }),
      "plant: module.extra",
    ],
    [
      "a kind of block that nobody reads",
      ({ stack }) => stack.addOverride("ephemeral.aws_lambda_invocation.x", { function_name: "x" }),
      "plant: 'ephemeral'",
    ],
    ...['${"cidr_blocks"}', "%{ if true }cidr_blocks%{ endif }"].map((name): [string, Fork, string] => [
      `an attribute whose name Terraform computes: ${name}`,
      ({ firewall }) =>
        firewall.tasks.addOverride("ingress", [{ protocol: "tcp", from_port: 1, to_port: 2, [name]: [WORLD] }]),
      "'ingress' must be understood",
    ]),
    [
      "such a name in a local",
      ({ stack, firewall }) => {
        const rules = [{ protocol: "tcp", from_port: 1, to_port: 2, '${"cidr_blocks"}': [WORLD] }];
        stack.addOverride("locals.rules", rules);
        firewall.tasks.addOverride("ingress", "${local.rules}");
      },
      "'ingress' must be understood",
    ],
    [
      "a rule for a group that was not read",
      (d) => admit(d, d.firewall.tasks, { ...tcp(8883), referencedSecurityGroupId: COMPANY }),
      "plant/extra (aws_vpc_security_group_ingress_rule.extra): 'referenced_security_group_id' must be understood",
    ],
    [
      "a rule on a group that was not read",
      raw("aws_security_group_rule", () => ({
        type: "ingress",
        security_group_id: COMPANY,
        protocol: "-1",
        from_port: 0,
        to_port: 0,
        cidr_blocks: [WORLD],
      })),
      "'security_group_id' must be understood",
    ],
    [
      "a prefix list that is named by its id alone",
      (d) => admit(d, d.firewall.loadBalancer, { ...tcp(8883), prefixListId: "pl-0123456789abcdef0" }),
      "'prefix_list_id' must be understood",
    ],
    [
      "a port that only apply will know",
      (d) => existing(d, "internet-to-load-balancer-443-in").addOverride("to_port", "${aws_vpc.other.tags.port}"),
      "plant/firewall/internet-to-load-balancer-443-in (",
    ],
    [
      "a range that only a plan will know",
      (d) => admit(d, d.firewall.loadBalancer, { ...tcp(8883), cidrIpv4: "${var.clients}" }),
      "'cidr_ipv4' must be understood",
    ],
    [
      "inline rules that only a plan will know",
      (d) => d.firewall.tasks.addOverride("ingress", "${var.rules}"),
      "'ingress' must be understood",
    ],
    [
      "rules that Terraform unfolds",
      (d) => d.firewall.tasks.addOverride("dynamic.ingress", { for_each: [22], content: {} }),
      "'ingress' must be understood",
    ],
    [
      "ACL rules that Terraform unfolds",
      (d) => d.acls.broker.addOverride("dynamic.ingress", { for_each: [22], content: {} }),
      "plant/network/acls/broker (",
    ],
    [
      "routes that Terraform unfolds",
      (d) => d.network.brokerRouteTable.addOverride("dynamic.route", { for_each: [1], content: {} }),
      "plant/network/broker-routes (",
    ],
    [
      "routes that a VPN brings",
      (d) => d.network.brokerRouteTable.addOverride("propagating_vgws", ["vgw-1"]),
      "'propagating_vgws' must be understood",
    ],
    [
      "a rule in a list of lists",
      (d) => d.firewall.tasks.addOverride("ingress", [[{ protocol: "-1", from_port: 0, to_port: 0, self: true }]]),
      "plant/firewall/tasks (",
    ],
    [
      "a route in a table that was not read",
      (d) =>
        new Route(d.stack, "extra", {
          routeTableId: "rtb-0123456789abcdef0",
          destinationCidrBlock: WORLD,
          gatewayId: d.network.internetGateway.id,
        }),
      "plant/extra (aws_route.extra): 'route_table_id' must be understood",
    ],
    [
      "a route to what was not read",
      (d) => d.network.brokerRouteTable.addOverride("route", [{ cidr_block: WORLD, nat_gateway_id: "nat-1" }]),
      "plant/network/broker-routes (",
    ],
    [
      "an association at a gateway's edge",
      raw("aws_route_table_association", () => ({ gateway_id: "igw-1" })),
      "'gateway_id' must be understood",
    ],
    [
      "another network ACL for a subnet that has one",
      raw("aws_network_acl_association", ({ network, acls }) => ({
        subnet_id: network.brokerSubnets[0]!.id,
        network_acl_id: acls.public.id,
      })),
      "has another network ACL",
    ],
    [
      "public addresses by a variable",
      (d) => d.network.publicSubnets[0]!.addOverride("map_public_ip_on_launch", "${var.public}"),
      "'map_public_ip_on_launch' must be understood",
    ],
    [
      "an address of an interface that was not read",
      (d) => new Eip(d.stack, "extra", { networkInterface: "eni-1" }),
      "'network_interface' must be understood",
    ],
    [
      "a machine in a subnet that was not read",
      (d) => new Instance(d.stack, "extra", { subnetId: "subnet-0123456789abcdef0" }),
      "plant/extra (aws_instance.extra): 'subnet_id' must be understood",
    ],
    [
      "a load balancer with a group that was not read",
      ({ door }) => door.lb.addOverride("security_groups", [COMPANY]),
      "'security_groups' must be understood",
    ],
    [
      "a task with a group that was not read",
      ({ stack, network, firewall }) =>
        new EcsService(stack, "extra", {
          name: "extra",
          networkConfiguration: {
            subnets: [network.brokerSubnets[0]!.id],
            securityGroups: [firewall.tasks.id, COMPANY],
          },
        }),
      "security_groups' must be understood",
    ],
    [
      "a mount target with a group that was not read",
      ({ stack, network }) =>
        new EfsMountTarget(stack, "extra", {
          fileSystemId: "fs-1",
          subnetId: network.brokerSubnets[0]!.id,
          securityGroups: [COMPANY],
        }),
      "'security_groups' must be understood",
    ],
    [
      "a function with a group that was not read",
      raw("aws_lambda_function", ({ network }) => ({
        vpc_config: [{ subnet_ids: [network.brokerSubnets[0]!.id], security_group_ids: [COMPANY] }],
      })),
      "security_group_ids' must be understood",
    ],
    [
      "a group that is put on an interface by an attachment",
      raw("aws_network_interface_sg_attachment", () => ({ network_interface_id: "eni-1", security_group_id: COMPANY })),
      "'security_group_id' must be understood",
    ],
    [
      "a task with a group that is looked up",
      (d) => {
        d.stack.addOverride("data.aws_security_group.door", { name: "company" });
        raw("aws_ecs_service", ({ network }) => ({
          network_configuration: {
            subnets: [network.brokerSubnets[0]!.id],
            security_groups: ["${data.aws_security_group.door.id}"],
          },
        }))(d);
      },
      "is no security group that was read",
    ],
    [
      "a task with groups that only a plan will know",
      raw("aws_ecs_service", ({ network }) => ({
        network_configuration: { subnets: [network.brokerSubnets[0]!.id], security_groups: "${var.groups}" },
      })),
      "security_groups' must be understood",
    ],
    [
      "a load balancer of the first kind that stands nowhere",
      raw("aws_elb", () => ({ name: "x" })),
      "aws_elb.extra: 'subnets' must be understood",
    ],
  ])("%s", (_, fork, message) => {
    expect(faults(fork).join("\n")).toContain(message);
  });

  const open = { ingress: [{ protocol: "tcp", from_port: 22, to_port: 22, cidr_blocks: [WORLD] }] };
  test.each<[string, unknown]>([
    ["resource.aws_security_group.evil", [open]],
    ["resource.aws_security_group.evil", [[open]]],
    ["resource.aws_network_acl.evil", [open]],
    ["resource.aws_default_security_group", [{ evil: open }]],
    ["data.aws_security_group.evil", [{ name: "company" }]],
    ["data.aws_security_group", [{ evil: { name: "company" } }]],
    ["resource", [{ aws_security_group: { evil: open } }]],
    ["data", [{ aws_security_group: { evil: open } }]],
    ["locals", [{ rules: open }]],
    ["provider", [{ shell: {} }]],
    ["terraform", [{ required_providers: { shell: "1.0.0" } }]],
    ["terraform.required_providers", [{ shell: "1.0.0" }]],
  ])("a list where a block must stand, as Terraform's JSON allows: %s", (path, value) => {
    expect(faults(({ stack }) => stack.addOverride(path, value))).toEqual([
      expect.stringMatching(/^plant: .* must be an object, got a list: write each block by itself/),
    ]);
  });
});

describe("the whole app is looked at", () => {
  /** A stack of the app that is no site's. */
  const beside = (app: App, id: string): TerraformStack => {
    const stack = new TerraformStack(app, id);
    new AwsProvider(stack, "aws", { region: "eu-central-1" });
    return stack;
  };

  test("a stack beside the sites may hold what opens nothing", () => {
    const build = (app: App) => {
      new S3Bucket(beside(app, "notes"), "bucket", { bucket: "notes" });
      proveAtSynthesis(app);
    };
    expect(refused(build)).toEqual([]);
  });

  test("of a stack beside the sites the internet reaches nothing", () => {
    const build = (app: App) => {
      beside(app, "web").addOverride("resource.aws_ec2_client_vpn_endpoint.x", { client_cidr_block: "10.9.0.0/16" });
      proveAtSynthesis(app);
    };
    expect(refused(build)).toEqual([expect.stringContaining("udp 443: 'internet-reaches-exactly' must hold")]);
  });

  test.each<[string, (other: TerraformStack, d: Dmz) => unknown, string]>([
    [
      "wears a group of the site",
      (other, { firewall }) =>
        new NetworkInterface(other, "extra", { subnetId: "subnet-1", securityGroups: [firewall.loadBalancer.id] }),
      "other/extra (aws_network_interface.extra): 'subnet_id' must be understood",
    ],
    [
      "adds a rule to a group of the site",
      (other, { firewall }) =>
        new VpcSecurityGroupIngressRule(other, "extra", {
          securityGroupId: firewall.loadBalancer.id,
          cidrIpv4: WORLD,
          ...tcp(1883),
        }),
      "other/extra (aws_vpc_security_group_ingress_rule.extra): 'security_group_id' must be understood",
    ],
    [
      "adds a listener to the site's load balancer",
      (other, { door }) =>
        new LbListener(other, "extra", {
          loadBalancerArn: door.lb.arn,
          port: 1883,
          protocol: "TCP",
          defaultAction: [],
        }),
      "other/extra (aws_lb_listener.extra): 'load_balancer_arn' must be understood",
    ],
    [
      "puts a subnet of the site under a route table of its own",
      (other, { network }) =>
        new RouteTableAssociation(other, "extra", {
          subnetId: network.brokerSubnets[0]!.id,
          routeTableId: network.publicRouteTable.id,
        }),
      "other/extra (aws_route_table_association.extra): 'subnet_id' must be understood",
    ],
    [
      "offers the site's load balancer to other networks",
      (other, { door }) =>
        other.addOverride("resource.aws_vpc_endpoint_service.extra", { network_load_balancer_arns: [door.lb.arn] }),
      "aws_vpc_endpoint_service.extra: 'network_load_balancer_arns' must be understood",
    ],
  ])("another stack that %s is refused", (_, fork, message) => {
    const build = (app: App) => {
      const d = dmz(app);
      fork(beside(app, "other"), d);
      proveAtSynthesis(app);
    };
    expect(refused(build).join("\n")).toContain(message);
  });

  test("all faults of all stacks come at once", () => {
    const build = (app: App) => {
      for (const id of ["one", "two"])
        new SecurityGroupRule(beside(app, id), "ssh", {
          type: "ingress",
          securityGroupId: COMPANY,
          protocol: "-1",
          fromPort: 0,
          toPort: 0,
          cidrBlocks: [WORLD],
        });
      proveAtSynthesis(app);
    };
    expect(refused(build)).toEqual([expect.stringContaining("one/ssh"), expect.stringContaining("two/ssh")]);
  });

  test("a stack that is made after the call is refused, too", () => {
    const build = (app: App) => {
      proveAtSynthesis(app);
      new Instance(beside(app, "late"), "box", { associatePublicIpAddress: true });
    };
    expect(refused(build)).toEqual([expect.stringContaining("late/box (aws_instance.box): 'subnet_id'")]);
  });

  test("an app that would not be looked at is refused, and nothing tells how to skip it", () => {
    expect(() => proveAtSynthesis(new App({ skipValidation: true }))).toThrow("'skipValidation' must be off");
    expect(() => proveAtSynthesis(new App({ hclOutput: true }))).toThrow("'hclOutput' must be off");
    const told = faults(raw("aws_lambda_function_url", () => ({}))).join("\n");
    expect(told).toContain("aws_lambda_function_url.extra");
    expect(told).not.toContain("skipValidation");
  });

  test.each<[string, boolean]>([
    ["no faulty stack is left on the disk for plain Terraform to apply", true],
    ["without the proof the same stack is written", false],
  ])("%s", (_, isHeld) => {
    const outdir = mkdtempSync(join(tmpdir(), "dmz-refused-"));
    try {
      const app = new App({ outdir });
      const d = dmz(app);
      admit(d, d.firewall.loadBalancer, { ...tcp(1883), cidrIpv4: WORLD });
      listen(d, 1883);
      if (isHeld) proveAtSynthesis(app);
      const synth = () => app.synth();
      if (isHeld) expect(synth).toThrow(/^the network of these stacks is not proven, so that nothing is written:\n/);
      else synth();
      const written = readdirSync(outdir, { recursive: true }).filter((file) => String(file).endsWith(".tf.json"));
      expect(written).toHaveLength(isHeld ? 0 : 1);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });
});
