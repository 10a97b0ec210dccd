import type { AwsApi } from "./aws-api";
import type { CleanUp } from "./clean-up";
import { readLoadBalancer, LoadBalancer, type DeployedLoadBalancer } from "./load-balancer";
import { startInNamespace } from "./namespace-process";
import { SecurityGroups } from "./security-groups";
import { VirtualNetwork, type Subnet } from "./virtual-network";
import { all, textOf, type XmlElement } from "./xml";

/** The deployed VPC, running: its subnets, its load balancer, the way to AWS, and a client's place on the internet. */
export interface DeployedNetwork {
  readonly network: VirtualNetwork;
  readonly loadBalancer: LoadBalancer;
  readonly securityGroups: SecurityGroups;
  readonly deployed: DeployedLoadBalancer;
  /** By subnet id. */
  readonly subnets: ReadonlyMap<string, Subnet>;
  /** The load balancer's Elastic IPs. */
  readonly publicAddresses: readonly string[];
  /** Where tasks find AWS's APIs. */
  readonly awsEndpoint: string;
  /** Unix socket of the internet's `gate-dial`. */
  readonly internet: string;
  /** The client's address on the internet. */
  readonly clientAddress: string;
}

/** Reads subnets, addresses and load balancer back from AWS and lays them out as namespaces. @param folder for sockets. */
export async function startNetwork(
  aws: AwsApi,
  prefix: string,
  folder: string,
  awsSocket: string,
  brokerSubnets: readonly string[],
  cleanUp: CleanUp,
): Promise<DeployedNetwork> {
  const deployed = await readLoadBalancer(aws);
  const balancers = await aws.query("elasticloadbalancing", "DescribeLoadBalancers");
  const publicSubnets = all(balancers, "SubnetId").map((element) => element.text.trim());
  const wanted = [...publicSubnets, ...brokerSubnets];
  const filter = Object.fromEntries(wanted.map((id, index) => [`SubnetId.${index + 1}`, id]));
  const described = all(await aws.query("ec2", "DescribeSubnets", filter), "item");
  const subnets = new Map(
    described.map((item) => [
      textOf(item, "subnetId"),
      { id: textOf(item, "subnetId"), cidr: textOf(item, "cidrBlock") },
    ]),
  );
  const subnet = (id: string): Subnet => subnets.get(id)!;
  const publicAddresses = all(await aws.query("ec2", "DescribeAddresses"), "publicIp").map((element) =>
    element.text.trim(),
  );

  const network = await VirtualNetwork.create(prefix, [...subnets.values()], cleanUp);
  await network.addHost("balancer");
  const inside: string[] = [];
  for (const [index, id] of publicSubnets.entries()) {
    const address = await network.attach("balancer", subnet(id), 10);
    inside.push(address);
    const elastic = publicAddresses[index];
    if (elastic === undefined) throw new Error(`no Elastic IP for public subnet ${id}`);
    await network.addElasticIp("balancer", elastic, address);
  }
  await network.addHost("aws");
  const endpoint = await network.attach("aws", subnet(brokerSubnets[0]!), 9);
  const credentials = await network.addCredentialsAddress("aws", endpoint);
  await network.addHost("internet");
  const clientAddress = await network.attachToInternet("internet", 10);
  await network.limitInternetTo(publicAddresses);
  const securityGroups = await SecurityGroups.read(aws, endpoint);
  const groupsOf = (answer: XmlElement, list: string): string[] =>
    all(answer, list).flatMap((element) => all(element, "member").map((member) => member.text.trim()));
  await securityGroups.join({
    namespace: network.namespace("balancer"),
    groups: groupsOf(balancers, "SecurityGroups"),
    addresses: inside,
  });
  const endpoints = all(await aws.query("ec2", "DescribeVpcEndpoints"), "groupSet");
  await securityGroups.join({
    namespace: network.namespace("aws"),
    groups: [...new Set(endpoints.flatMap((set) => all(set, "groupId").map((element) => element.text.trim())))],
    addresses: [endpoint],
  });

  const internet = `${folder}/internet.sock`;
  const loadBalancer = new LoadBalancer();
  await Promise.all([
    startInNamespace(
      network.namespace("aws"),
      "gate-listen",
      [awsSocket, `${endpoint}:443`, `${credentials}:80`],
      cleanUp,
    ),
    startInNamespace(network.namespace("internet"), "gate-dial", [internet], cleanUp),
    loadBalancer.start(
      network.namespace("balancer"),
      { addresses: publicAddresses, listeners: deployed.listeners },
      cleanUp,
    ),
  ]);
  // In the clear, on the port that the endpoints' security group admits.
  const awsEndpoint = `http://${endpoint}:443`;
  return {
    network,
    loadBalancer,
    securityGroups,
    deployed,
    subnets,
    publicAddresses,
    awsEndpoint,
    internet,
    clientAddress,
  };
}
