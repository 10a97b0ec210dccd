import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { NetworkAclRule } from "@cdktf/provider-aws/lib/network-acl-rule";
import { NetworkInterface } from "@cdktf/provider-aws/lib/network-interface";
import { Route } from "@cdktf/provider-aws/lib/route";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SecurityGroupRule } from "@cdktf/provider-aws/lib/security-group-rule";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { describe, expect, test } from "@jest/globals";
import { Aspects, TerraformLocal } from "cdktf";
import {
  type Dmz,
  type Fork,
  faults,
  WORLD,
  tcp,
  admit,
  listen,
  letThrough,
  openGroup,
  existing,
  addressed,
  raw,
  addIpv6,
} from "./dmz-fork";

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
