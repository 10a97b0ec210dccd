import { DefaultRouteTable } from "@cdktf/provider-aws/lib/default-route-table";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import type { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { Construct } from "constructs";
import type { Site } from "../policy/site";
import { FlowLogs } from "./flow-logs";
import { NetworkAcls } from "./network-acls";
import { planSubnets } from "./subnet-plan";

export interface DmzNetworkProps {
  readonly site: Site;
  /** Key that encrypts the flow logs; its policy must admit CloudWatch Logs. @default AWS's own key */
  readonly logKey?: KmsKey;
}

/**
 * The DMZ: a VPC over the site's zones with two subnets in each.
 *
 * - Creates a VPC (IPv4 alone), an internet gateway, and in each zone a public subnet, which holds the load balancer's
 *   node and gives nobody a public address by itself, and a broker subnet, whose route table knows the VPC and nothing
 *   else: no internet gateway, no NAT.
 * - Locks what AWS opens by default: the default security group, network ACL and route table have no rules.
 * - Opens the subnets' boundaries as {@link NetworkAcls} says, and records all traffic ({@link FlowLogs}).
 * - Costs nothing but the flow logs (about $0.50 a GB taken in).
 *
 * @example
 * const network = new DmzNetwork(this, "network", { site });
 * new BrokerFirewall(this, "firewall", { site, network });
 */
export class DmzNetwork extends Construct {
  readonly vpc: Vpc;
  readonly internetGateway: InternetGateway;
  /** In the order of `site.aws.zones`, like all lists here. */
  readonly publicSubnets: readonly Subnet[];
  readonly brokerSubnets: readonly Subnet[];
  readonly publicCidrs: readonly string[];
  readonly brokerCidrs: readonly string[];
  readonly publicRouteTable: RouteTable;
  readonly brokerRouteTable: RouteTable;

  constructor(scope: Construct, id: string, { site, logKey }: DmzNetworkProps) {
    super(scope, id);
    const plan = planSubnets(site.aws.cidr, site.aws.zones);
    this.publicCidrs = plan.map((zone) => zone.publicCidr);
    this.brokerCidrs = plan.map((zone) => zone.brokerCidr);

    this.vpc = new Vpc(this, "vpc", {
      cidrBlock: site.aws.cidr,
      // Private DNS of the interface endpoints needs both.
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: site.name },
    });
    this.internetGateway = new InternetGateway(this, "internet-gateway", {
      vpcId: this.vpc.id,
      tags: { Name: site.name },
    });

    const subnets = (kind: "public" | "broker", cidr: "publicCidr" | "brokerCidr", routes: RouteTable) =>
      plan.map((planned) => {
        const subnet = new Subnet(this, `${kind}-${planned.zone}`, {
          vpcId: this.vpc.id,
          availabilityZone: planned.zone,
          cidrBlock: planned[cidr],
          mapPublicIpOnLaunch: false,
          tags: { Name: `${site.name}-${kind}-${planned.zone}` },
        });
        const association = { subnetId: subnet.id, routeTableId: routes.id };
        new RouteTableAssociation(this, `${kind}-${planned.zone}-routes`, association);
        return subnet;
      });

    this.publicRouteTable = new RouteTable(this, "public-routes", {
      vpcId: this.vpc.id,
      route: [{ cidrBlock: "0.0.0.0/0", gatewayId: this.internetGateway.id }],
      tags: { Name: `${site.name}-public` },
    });
    this.brokerRouteTable = new RouteTable(this, "broker-routes", {
      vpcId: this.vpc.id,
      // Written out: an absent list means "leave what is there", an empty one takes away what somebody adds by hand.
      // The gateway endpoints' own routes are not counted.
      route: [],
      tags: { Name: `${site.name}-broker` },
    });
    this.publicSubnets = subnets("public", "publicCidr", this.publicRouteTable);
    this.brokerSubnets = subnets("broker", "brokerCidr", this.brokerRouteTable);

    this.lockDefaults(site);
    new NetworkAcls(this, "acls", { site, network: this });
    new FlowLogs(this, "flow-logs", { site, vpc: this.vpc, logKey });
  }

  /** What is put into the VPC and forgets to name a group or a route table gets these: nothing in, nothing out. */
  private lockDefaults(site: Site): void {
    const tags = { Name: `${site.name}-default-locked` };
    new DefaultSecurityGroup(this, "default-security-group", { vpcId: this.vpc.id, ingress: [], egress: [], tags });
    new DefaultRouteTable(this, "default-routes", {
      defaultRouteTableId: this.vpc.defaultRouteTableId,
      route: [],
      tags,
    });
  }
}
