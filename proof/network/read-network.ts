import { type Facts, Reference } from "../facts/facts";
import { isKnownProvider } from "../facts/known-providers";
import { IntervalSet } from "../interval-set";
import type { Step } from "../verdict";
import { showAddresses } from "./addresses";
import { Attributes } from "./attributes";
import { classifyType } from "./classify-type";
import { isTarget } from "./internal-flows";
import { looseEnds } from "./loose-ends";
import type { Network, NetworkNode, Socket } from "./network";
import { PrefixLists } from "./prefix-lists";
import { protocolSet, TCP, UDP } from "./protocols";
import { publicDoors } from "./public-doors";
import { Acls } from "./read-acls";
import { Groups } from "./read-groups";
import { readNodes } from "./read-nodes";
import { RouteTables } from "./read-routes";
import { readSubnets, readVpcs } from "./read-vpcs";

const AWS = "registry.terraform.io/hashicorp/aws";

/** The network that facts describe, with doubts about all that was not understood. */
export function readNetwork(facts: Facts): Network {
  const doubts: Step[] = [
    ...facts.unread.map(({ place, reason }) => ({ at: place, says: reason })),
    ...strangers(facts),
    ...looseEnds(facts),
  ];
  const lists = new PrefixLists(facts, doubts);
  const groups = new Groups(facts, lists, doubts);
  const acls = new Acls(facts, lists, doubts);
  const tables = new RouteTables(facts, lists, doubts);
  const vpcs = readVpcs(facts, tables, doubts);
  const subnets = readSubnets(facts, vpcs, acls, tables, doubts);
  const nodes = readNodes(facts, groups, subnets, doubts);
  doubts.push(...targetsElsewhere(nodes), ...publicDoors(facts, doubts));
  const of = (type: string) =>
    facts.resources
      .filter((one) => one.mode === "managed" && one.type === type)
      .map((one) => Attributes.of(one, doubts));
  const nat = new Map(
    of("aws_nat_gateway").map((gateway) => {
      const reference = gateway.reference("subnet_id");
      const subnet = subnets.get(reference?.address ?? "");
      if (!subnet) gateway.doubt("subnet_id", "is no subnet that is managed here");
      const isPublic = (gateway.text("connectivity_type") ?? "public") === "public";
      return [gateway.at, { subnet, isPublic }] as const;
    }),
  );
  const offered = of("aws_vpc_endpoint_service").flatMap((service) =>
    service.references("network_load_balancer_arns").map(({ address }) => {
      const setting = facts.byAddress.get(address)?.values.enforce_security_group_inbound_rules_on_private_link_traffic;
      const attached = { at: service.at, says: `offers ${address} to other networks` };
      return { loadBalancer: address, attached, filtered: setting !== "off" };
    }),
  );
  for (const accepter of of("aws_vpc_peering_connection_accepter")) {
    const peering = accepter.raw("vpc_peering_connection_id");
    const asked =
      peering instanceof Reference && facts.byAddress.get(peering.address)?.type === "aws_vpc_peering_connection";
    if (!asked) accepter.doubt("vpc_peering_connection_id", "which networks it joins is in somebody else's hands");
  }
  return {
    vpcs,
    groups: groups.byAddress,
    nodes,
    sockets: of("aws_ec2_client_vpn_endpoint").map(clientVpn),
    offered,
    nat,
    doubts: unique(doubts),
    resources: facts.resources.filter(({ type, mode }) => mode === "managed" && classifyType(type).kind === "modelled")
      .length,
  };
}

/** Targets by their address, at which nothing in the load balancer's network stands: whoever it is, it is let in on. */
const targetsElsewhere = (nodes: readonly NetworkNode[]): Step[] =>
  nodes.flatMap(({ subnet, initiates }) =>
    (typeof initiates === "string" ? [] : initiates)
      .filter((way) => !nodes.some((node) => node.subnet.vpc === subnet.vpc && isTarget(way, node)))
      .filter(({ target }) => target === undefined)
      .map(({ targetGroup, addresses }) => ({
        at: targetGroup,
        says: `has a target at ${showAddresses(addresses)}, where nothing that was read stands`,
      })),
  );

/** Resources of which it is not known what they open. */
function strangers(facts: Facts): Step[] {
  return facts.resources.flatMap(({ address, type, mode, provider }): Step[] => {
    // Without one, the facts do not tell: a state of an old form.
    if (provider !== "" && !isKnownProvider(provider))
      return [{ at: address, says: `comes from the provider '${provider}', of which it is not known what it does` }];
    if (mode === "data") {
      // Looking something up opens nothing, unless a program does it.
      const program = type === "external" || type === "http" || type === "aws_lambda_invocation";
      return program ? [{ at: address, says: "runs something that the plan does not show" }] : [];
    }
    const found = classifyType(type);
    if (found.kind === "unclassified" || found.kind === "could-open")
      return [
        {
          at: address,
          says: found.kind === "unclassified" ? `${type} ${found.why}` : `${type} ${found.why}; it is not modelled`,
        },
      ];
    const own = type.startsWith("aws_");
    return own && provider !== AWS && provider !== ""
      ? [{ at: address, says: `comes from the provider '${provider}', not from '${AWS}'` }]
      : [];
  });
}

/** AWS answers for it on the internet. */
function clientVpn(endpoint: Attributes): Socket {
  const transport = endpoint.text("transport_protocol") ?? "udp";
  const port = endpoint.number("vpn_port") ?? 443;
  return {
    at: endpoint.at,
    says: `is a Client VPN endpoint: AWS answers for it on the internet, on ${transport} ${port}`,
    protocol: protocolSet(transport === "tcp" ? TCP : UDP),
    port: IntervalSet.ofNumbers([port, port]),
  };
}

const unique = (steps: readonly Step[]): Step[] => [
  ...new Map(steps.map((step) => [`${step.at}\n${step.says}`, step])).values(),
];
