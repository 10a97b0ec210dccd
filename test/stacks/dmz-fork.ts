import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { NetworkAclRule } from "@cdktf/provider-aws/lib/network-acl-rule";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import {
  VpcSecurityGroupIngressRule,
  type VpcSecurityGroupIngressRuleConfig,
} from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { App } from "cdktf";
import type { BrokerFirewall } from "../../constructs/broker-firewall";
import type { DmzNetwork } from "../../constructs/dmz-network";
import type { LoadBalancer } from "../../constructs/load-balancer";
import type { NetworkAcls } from "../../constructs/network-acls";
import { NotProvenError, proveAtSynthesis } from "../../stacks/prove-at-synthesis";
import { SiteStack } from "../../stacks/site-stack";
import { testSite } from "../site";

/** The whole stack of a site, and what a fork may lay its hands on. */
export interface Dmz {
  readonly stack: SiteStack;
  readonly network: DmzNetwork;
  readonly firewall: BrokerFirewall;
  readonly door: LoadBalancer;
  readonly acls: NetworkAcls;
}

export type Fork = (dmz: Dmz) => unknown;

export function dmz(app: App): Dmz {
  const stack = new SiteStack(app, "plant", testSite());
  const network = stack.node.findChild("network") as DmzNetwork;
  return {
    stack,
    network,
    firewall: stack.node.findChild("firewall") as BrokerFirewall,
    door: stack.node.findChild("load-balancer") as LoadBalancer,
    acls: network.node.findChild("acls") as NetworkAcls,
  };
}

/** What an app is refused with. Empty: it is written. */
export function refused(build: (app: App) => void): readonly string[] {
  const outdir = mkdtempSync(join(tmpdir(), "dmz-fork-"));
  try {
    const app = new App({ outdir, stackTraces: false });
    build(app);
    app.synth();
    return [];
  } catch (error) {
    if (error instanceof NotProvenError) return error.faults;
    throw error;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The faults that a fork of the site is refused with. */
export const faults = (fork: Fork): readonly string[] =>
  refused((app) => {
    fork(dmz(app));
    proveAtSynthesis(app);
  });

export const WORLD = "0.0.0.0/0";
export const tcp = (port: number) => ({ ipProtocol: "tcp", fromPort: port, toPort: port });

type Rule = Omit<VpcSecurityGroupIngressRuleConfig, "securityGroupId">;
export const admit = ({ stack }: Dmz, group: SecurityGroup, rule: Rule, id = "extra") =>
  new VpcSecurityGroupIngressRule(stack, id, { securityGroupId: group.id, ...rule });

/** A listener passes its port on to the broker's MQTT port. */
export const listen = ({ stack, door }: Dmz, port: number, protocol = "TCP", id = "listener") =>
  new LbListener(stack, id, {
    loadBalancerArn: door.lb.arn,
    port,
    protocol,
    defaultAction: [{ type: "forward", targetGroupArn: door.mqttTargets.arn }],
  });

/** Lets one port, of every source, through a network ACL. */
export const letThrough = ({ stack }: Dmz, acl: { readonly id: string }, port: number, protocol = "tcp") =>
  new NetworkAclRule(stack, "let-through", {
    networkAclId: acl.id,
    ruleNumber: 10,
    ruleAction: "allow",
    protocol,
    cidrBlock: WORLD,
    fromPort: port,
    toPort: port,
  });

/** A group of its own in the site's VPC, open on one tcp port to the whole internet. */
export const openGroup = ({ stack, network }: Dmz, port: number) =>
  new SecurityGroup(stack, "own", {
    vpcId: network.vpc.id,
    ingress: [{ protocol: "tcp", fromPort: port, toPort: port, cidrBlocks: [WORLD] }],
  });

/** A group of the account that no stack of the app makes. */
export const COMPANY = "sg-0123456789abcdef0";
export const existing = ({ stack }: Dmz, path: string): VpcSecurityGroupIngressRule =>
  stack.node.findChild("firewall").node.findChild(path) as VpcSecurityGroupIngressRule;
export const addressed = (group: SecurityGroup) => `aws_security_group.${group.friendlyUniqueId}`;
export const raw =
  (type: string, attributes: (d: Dmz) => object): Fork =>
  (d) =>
    d.stack.addOverride(`resource.${type}.extra`, attributes(d));
/** Puts IPv6 into the network and routes it; no rule lets any of it in. */
export function addIpv6({ network }: Dmz): void {
  network.vpc.addOverride("assign_generated_ipv6_cidr_block", true);
  for (const subnet of network.publicSubnets) subnet.addOverride("ipv6_cidr_block", "2001:db8::/64");
  network.publicRouteTable.addOverride("route", [
    { cidr_block: WORLD, gateway_id: network.internetGateway.id },
    { ipv6_cidr_block: "::/0", gateway_id: network.internetGateway.id },
  ]);
}
