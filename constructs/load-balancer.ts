import { Eip } from "@cdktf/provider-aws/lib/eip";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { Construct } from "constructs";
import { PORTS } from "../policy/deployment";
import type { Site } from "../policy/site";
import type { BrokerFirewall } from "./broker-firewall";
import type { DmzNetwork } from "./dmz-network";

export interface LoadBalancerProps {
  readonly site: Site;
  readonly network: DmzNetwork;
  readonly firewall: BrokerFirewall;
}

/**
 * The one thing that the internet reaches: a network load balancer that passes tcp 8883 and 443 through, unread, to the
 * broker's tasks (decision 7: TLS ends in the broker, which verifies client certificates).
 *
 * - Creates one Elastic IP a zone, which edge firewalls allow-list (quota: five a region), the load balancer with
 *   cross-zone balancing, two listeners and two target groups of tasks' addresses.
 * - Each connection reaches a task from the load balancer's subnet and starts with a PROXY protocol v2 header that tells
 *   the client's address. Both target groups ask `https://<task>:443/readyz`.
 * - A permanent site's load balancer and addresses refuse to be destroyed.
 * - Costs about $20 a month, $0.006 per capacity unit and hour, and $3.65 a month an address. No access log: AWS writes
 *   one for TLS listeners only; the flow logs have these connections.
 *
 * @example
 * const door = new LoadBalancer(this, "load-balancer", { site, network, firewall });
 * new EcsService(this, "service", { loadBalancer: [{ targetGroupArn: door.mqttTargets.arn, ... }], dependsOn: [...door.listeners] });
 */
export class LoadBalancer extends Construct {
  readonly lb: Lb;
  /** In the order of `site.aws.zones`. */
  readonly addresses: readonly Eip[];
  readonly mqttTargets: LbTargetGroup;
  readonly httpsTargets: LbTargetGroup;
  /** A service that registers targets must depend on these. */
  readonly listeners: readonly LbListener[];

  constructor(scope: Construct, id: string, { site, network, firewall }: LoadBalancerProps) {
    super(scope, id);
    const permanent = site.lifetime === "permanent";

    this.addresses = site.aws.zones.map(
      (zone) =>
        new Eip(this, `address-${zone}`, {
          domain: "vpc",
          tags: { Name: `${site.name}-${zone}` },
          lifecycle: { preventDestroy: permanent },
          dependsOn: [network.internetGateway],
        }),
    );
    this.lb = new Lb(this, "lb", {
      name: `${site.name}-dmz`,
      loadBalancerType: "network",
      internal: false,
      ipAddressType: "ipv4",
      enableCrossZoneLoadBalancing: true,
      enableDeletionProtection: permanent,
      securityGroups: [firewall.loadBalancer.id],
      subnetMapping: network.publicSubnets.map((subnet, index) => ({
        subnetId: subnet.id,
        allocationId: this.addresses[index]!.id,
      })),
      dependsOn: [network.internetGateway],
    });
    this.mqttTargets = this.targets(site, network, "mqtt", PORTS.mqtt);
    this.httpsTargets = this.targets(site, network, "https", PORTS.https);
    this.listeners = [
      this.listener("mqtt", PORTS.mqtt, this.mqttTargets),
      this.listener("https", PORTS.https, this.httpsTargets),
    ];
  }

  private targets(site: Site, network: DmzNetwork, name: string, port: number): LbTargetGroup {
    return new LbTargetGroup(this, `${name}-targets`, {
      name: `${site.name}-${name}`,
      vpcId: network.vpc.id,
      targetType: "ip",
      protocol: "TCP",
      port,
      // The pair that decision 3 rests on: a task knows the load balancer by its subnet and the client by the header.
      proxyProtocolV2: true,
      preserveClientIp: "false",
      healthCheck: {
        protocol: "HTTPS",
        port: String(PORTS.https),
        path: "/readyz",
        matcher: "200",
        interval: 10,
        timeout: 6,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
      // Seconds. ECS sends SIGTERM only when this is over. MQTT connections do not end by themselves, so a longer wait drains
      // nothing and only delays the hand-over; ten suffice for the short requests on 443.
      deregistrationDelay: "10",
      // The load balancer must not cut what is left after the delay: the broker would see lost clients and publish their
      // wills. On SIGTERM it closes its connections itself. (Clients of an *unhealthy* task are cut, AWS's default.)
      connectionTermination: false,
    });
  }

  private listener(name: string, port: number, targets: LbTargetGroup): LbListener {
    return new LbListener(this, `${name}-listener`, {
      loadBalancerArn: this.lb.arn,
      protocol: "TCP",
      port,
      defaultAction: [{ type: "forward", targetGroupArn: targets.arn }],
    });
  }
}
