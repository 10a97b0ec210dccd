import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import type { Site } from "../policy/site";
import { CONDUITS, type Conduit, type Zone } from "../policy/conduits";
import type { DmzNetwork } from "./dmz-network";

export interface BrokerFirewallProps {
  readonly site: Site;
  readonly network: DmzNetwork;
}

/**
 * The stateful firewall: a security group for each zone, and between them the conduits of `conduits.ts` and no more.
 *
 * - Opens from the internet tcp 8883 and 443 on the load balancer; from there the same two on the tasks; between tasks the
 *   same two (the relay); from the tasks 443 on the endpoints and 2049 on the store. Both ends of a conduit are written
 *   down: out of the one group, into the other. Way out to S3 and DynamoDB: {@link allowGateway}, used by `VpcEndpoints`,
 *   which knows their prefix lists.
 * - Creates four security groups and a rule for each end of each port. The groups themselves carry no rule inside them.
 * - Costs nothing.
 *
 * @example
 * const firewall = new BrokerFirewall(this, "firewall", { site, network });
 * new EcsService(this, "service", { networkConfiguration: { securityGroups: [firewall.tasks.id], ... }, ... });
 */
export class BrokerFirewall extends Construct {
  readonly loadBalancer: SecurityGroup;
  readonly tasks: SecurityGroup;
  readonly endpoints: SecurityGroup;
  readonly store: SecurityGroup;
  /** The same four by zone. */
  readonly groups: Readonly<Record<Zone, SecurityGroup>>;

  constructor(scope: Construct, id: string, { site, network }: BrokerFirewallProps) {
    super(scope, id);
    const group = (zone: Zone, description: string) =>
      new SecurityGroup(this, zone, {
        name: `${site.name}-${zone}`,
        description,
        vpcId: network.vpc.id,
        tags: { Name: `${site.name}-${zone}` },
      });
    this.loadBalancer = group("load-balancer", "Load balancer: the only door to the internet");
    this.tasks = group("tasks", "Broker tasks");
    this.endpoints = group("endpoints", "Interface endpoints of AWS APIs");
    this.store = group("store", "Message store mount targets");
    this.groups = {
      "load-balancer": this.loadBalancer,
      tasks: this.tasks,
      endpoints: this.endpoints,
      store: this.store,
    };
    for (const conduit of CONDUITS) this.open(conduit);
  }

  /** Lets the tasks out to tcp 443 of a gateway endpoint's service. `prefixListId` is the endpoint's own attribute. */
  allowGateway(service: string, prefixListId: string): void {
    new VpcSecurityGroupEgressRule(this, `tasks-to-${service}-443`, {
      securityGroupId: this.tasks.id,
      prefixListId,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      description: `${service} through its gateway endpoint`,
    });
  }

  private open({ from, to, ports, why }: Conduit): void {
    for (const port of ports) {
      const opening = { ipProtocol: "tcp", fromPort: port, toPort: port, description: why };
      const name = `${from}-to-${to}-${port}`;
      new VpcSecurityGroupIngressRule(this, `${name}-in`, {
        securityGroupId: this.groups[to].id,
        ...(from === "internet" ? { cidrIpv4: "0.0.0.0/0" } : { referencedSecurityGroupId: this.groups[from].id }),
        ...opening,
      });
      if (from === "internet") continue;
      new VpcSecurityGroupEgressRule(this, `${name}-out`, {
        securityGroupId: this.groups[from].id,
        referencedSecurityGroupId: this.groups[to].id,
        ...opening,
      });
    }
  }
}
