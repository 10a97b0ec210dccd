import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Construct } from "constructs";
import type { Site } from "../policy/site";
import type { BrokerFirewall } from "./broker-firewall";
import type { DmzNetwork } from "./dmz-network";
import { endpointPolicies, type GatewayService, type InterfaceService } from "./endpoint-policies";

export interface VpcEndpointsProps {
  readonly site: Site;
  readonly network: DmzNetwork;
  readonly firewall: BrokerFirewall;
}

/**
 * The broker's only way to AWS: private doors to just the APIs that its tasks call, each with a policy that admits just
 * those calls on just this site's resources by this account's principals. A stolen task can use no credentials of
 * another account to carry data out.
 *
 * - Creates interface endpoints, with private DNS, for ECR (API and Docker), Secrets Manager and CloudWatch Logs, with an
 *   address in each broker subnet; gateway endpoints for S3 (image layers) and DynamoDB (lease and manifests).
 * - Opens tcp 443 from the tasks to these and to the prefix lists of the two gateways.
 * - Costs: an interface endpoint about $0.012 an hour and zone (four endpoints in two zones: about $70 a month) and $0.01
 *   a GB; gateways nothing.
 * - Not needed, therefore absent: ECS (Fargate's agent has its own way), KMS (Secrets Manager asks it itself), EFS (the
 *   mount targets stand in the VPC), STS (task credentials come from the metadata address).
 *
 * @example
 * new VpcEndpoints(this, "endpoints", { site, network, firewall });
 */
export class VpcEndpoints extends Construct {
  readonly interfaces: Readonly<Record<InterfaceService, VpcEndpoint>>;
  readonly gateways: Readonly<Record<GatewayService, VpcEndpoint>>;

  constructor(scope: Construct, id: string, { site, network, firewall }: VpcEndpointsProps) {
    super(scope, id);
    const policies = endpointPolicies(site);
    const endpoint = (service: InterfaceService | GatewayService) => ({
      vpcId: network.vpc.id,
      serviceName: `com.amazonaws.${site.aws.region}.${service}`,
      policy: policies[service],
      tags: { Name: `${site.name}-${service}` },
    });
    const toInterface = (service: InterfaceService) =>
      new VpcEndpoint(this, service.replace(".", "-"), {
        ...endpoint(service),
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: network.brokerSubnets.map((subnet) => subnet.id),
        securityGroupIds: [firewall.endpoints.id],
      });
    const toGateway = (service: GatewayService) => {
      const gateway = new VpcEndpoint(this, service, {
        ...endpoint(service),
        vpcEndpointType: "Gateway",
        routeTableIds: [network.brokerRouteTable.id],
      });
      firewall.allowGateway(service, gateway.prefixListId);
      return gateway;
    };

    this.interfaces = {
      "ecr.api": toInterface("ecr.api"),
      "ecr.dkr": toInterface("ecr.dkr"),
      secretsmanager: toInterface("secretsmanager"),
      logs: toInterface("logs"),
    };
    this.gateways = { s3: toGateway("s3"), dynamodb: toGateway("dynamodb") };
  }
}
