import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import { Route } from "@cdktf/provider-aws/lib/route";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { describe, expect, test } from "@jest/globals";
import { BrokerFirewall } from "../../constructs/broker-firewall";
import { DmzNetwork } from "../../constructs/dmz-network";
import { testSite } from "../site";
import { tcp, type Fork, faults, WORLD, admit, listen, letThrough, raw, addIpv6 } from "./dmz-fork";

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
