import { DefaultNetworkAcl } from "@cdktf/provider-aws/lib/default-network-acl";
import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import type { Subnet } from "@cdktf/provider-aws/lib/subnet";
import type { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { Construct } from "constructs";
import { PORTS } from "../policy/deployment";
import type { Site } from "../policy/site";

export interface NetworkAclsProps {
  readonly site: Site;
  readonly network: {
    readonly vpc: Vpc;
    readonly publicSubnets: readonly Subnet[];
    readonly brokerSubnets: readonly Subnet[];
  };
}

interface Opening {
  readonly cidr: string;
  readonly from: number;
  readonly to: number;
}

const ANYWHERE = "0.0.0.0/0";
/** Ephemeral ports: ACLs keep no state, so what answers a connection from inside comes in as if it were new. */
const RETURN = { from: 1024, to: 65535 } as const;

const port = (cidr: string, number: number): Opening => ({ cidr, from: number, to: number });
const answers = (cidr: string): Opening => ({ cidr, ...RETURN });

/**
 * The stateless boundary of the subnets: a second fence behind the security groups, which say who; this one says what.
 *
 * - Public subnets: in, tcp 8883 and 443 from anywhere and answers (tcp 1024-65535) to what the load balancer started;
 *   out, tcp 8883 and 443 to the VPC and answers to anywhere.
 * - Broker subnets: in, tcp 8883 and 443 from the VPC, and tcp 1024-65535 from anywhere, since S3 and DynamoDB answer
 *   from public addresses through their gateway endpoints (an ACL takes no prefix list; the security groups do, and the
 *   subnet has no route to or from the internet anyway); out, tcp 443 to anywhere for the same two, and tcp 1024-65535 to
 *   the VPC alone, which is the relay (8883), the store (2049) and all answers.
 * - The VPC's default ACL has no rule, so a subnet that nobody gave an ACL is cut off.
 * - Not here because ACLs never see it: DNS to the VPC's resolver, DHCP, the task metadata and credentials addresses
 *   (VPC user guide, "Network ACL basics"). That is why DNS has a firewall of its own.
 * - No ICMP, so no path MTU discovery towards the load balancer: TCP's MSS, at most 1460 bytes on the internet side, does
 *   its work; a client behind a smaller tunnel must clamp it.
 * - Costs nothing.
 */
export class NetworkAcls extends Construct {
  readonly public: NetworkAcl;
  readonly broker: NetworkAcl;

  constructor(scope: Construct, id: string, { site, network }: NetworkAclsProps) {
    super(scope, id);
    const vpc = site.aws.cidr;
    const acl = (name: "public" | "broker", subnets: readonly Subnet[], inward: Opening[], outward: Opening[]) =>
      new NetworkAcl(this, name, {
        vpcId: network.vpc.id,
        subnetIds: subnets.map((subnet) => subnet.id),
        ingress: rules(inward),
        egress: rules(outward),
        tags: { Name: `${site.name}-${name}` },
      });

    this.public = acl(
      "public",
      network.publicSubnets,
      [port(ANYWHERE, PORTS.mqtt), port(ANYWHERE, PORTS.https), answers(ANYWHERE)],
      [port(vpc, PORTS.mqtt), port(vpc, PORTS.https), answers(ANYWHERE)],
    );
    this.broker = acl(
      "broker",
      network.brokerSubnets,
      [port(vpc, PORTS.mqtt), port(vpc, PORTS.https), answers(ANYWHERE)],
      [port(ANYWHERE, PORTS.https), answers(vpc)],
    );
    new DefaultNetworkAcl(this, "default", {
      defaultNetworkAclId: network.vpc.defaultNetworkAclId,
      // AWS itself moves subnets here and away; the lock is that there is no rule.
      lifecycle: { ignoreChanges: ["subnet_ids"] },
      tags: { Name: `${site.name}-default-locked` },
    });
  }
}

/** Numbered by place, with room between for a rule that somebody needs in a hurry. */
const rules = (openings: Opening[]) =>
  openings.map(({ cidr, from, to }, index) => ({
    ruleNo: (index + 1) * 100,
    action: "allow",
    protocol: "tcp",
    cidrBlock: cidr,
    fromPort: from,
    toPort: to,
  }));
