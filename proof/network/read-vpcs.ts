import type { Facts, Resource } from "../facts/facts";
import type { Step } from "../verdict";
import { ALL_V4, ANYWHERE, GLOBAL_V6, INTERNET, range } from "./addresses";
import { Attributes } from "./attributes";
import { IntervalSet } from "../interval-set";
import type { Link, Subnet, Vpc } from "./network";
import type { Acls } from "./read-acls";
import type { RouteTables } from "./read-routes";

const ofType = (facts: Facts, ...types: readonly string[]): readonly Resource[] =>
  facts.resources.filter(({ mode, type }) => mode === "managed" && types.includes(type));

/** VPCs with what is attached to them. */
export function readVpcs(facts: Facts, tables: RouteTables, doubts: Step[]): ReadonlyMap<string, Vpc> {
  const read = (...types: readonly string[]) =>
    ofType(facts, ...types).map((resource) => Attributes.of(resource, doubts));
  const more = read("aws_vpc_ipv4_cidr_block_association", "aws_vpc_ipv6_cidr_block_association");
  const gateways = [
    ...read("aws_internet_gateway").map((gateway) => [gateway, gateway.at] as const),
    ...read("aws_internet_gateway_attachment").map(
      (attachment) => [attachment, attachment.reference("internet_gateway_id")?.address ?? attachment.at] as const,
    ),
  ];
  const vpcs = new Map(
    ofType(facts, "aws_vpc").map((resource) => {
      const vpc = Attributes.of(resource, doubts);
      const parts = [vpc, ...more.filter((part) => part.reference("vpc_id")?.address === vpc.at)];
      const gateway = gateways.find(([attachment]) => attachment.reference("vpc_id")?.address === vpc.at);
      const one: Vpc = {
        address: vpc.at,
        v4: union(parts.map((part) => v4(part))),
        v6: union(parts.map((part) => v6(part))),
        internetGateway: gateway && { at: gateway[1], says: `is attached to ${vpc.at}` },
        links: [],
      };
      return [vpc.at, one] as const;
    }),
  );
  return new Map(
    [...vpcs].map(([address, vpc]) => [address, { ...vpc, links: links(vpc, vpcs, tables, read) }] as const),
  );
}

const union = (sets: readonly IntervalSet[]): IntervalSet => IntervalSet.of(...sets.flatMap((set) => set.intervals));

function v4(part: Attributes): IntervalSet {
  const cidr = part.text("cidr_block");
  const found = cidr === undefined ? undefined : range(cidr);
  if (found) return found.addresses;
  if (cidr !== undefined) part.doubt("cidr_block", `must be an address range, got '${cidr}'`);
  else if (part.isSet("ipv4_ipam_pool_id")) part.doubt("cidr_block", "the address pool chooses it on apply");
  return IntervalSet.EMPTY;
}

/** A range that AWS chooses is somewhere in what the internet has. */
function v6(part: Attributes): IntervalSet {
  const cidr = part.raw("ipv6_cidr_block");
  const found = typeof cidr === "string" ? range(cidr) : undefined;
  if (found) return found.addresses;
  const has =
    part.isSet("ipv6_cidr_block") ||
    part.flag("assign_generated_ipv6_cidr_block", false) ||
    part.isSet("ipv6_ipam_pool_id") ||
    part.isSet("ipv6_pool");
  return has ? GLOBAL_V6 : IntervalSet.EMPTY;
}

function links(
  vpc: Vpc,
  vpcs: ReadonlyMap<string, Vpc>,
  tables: RouteTables,
  read: (...types: readonly string[]) => Attributes[],
): Link[] {
  const own = vpc.v4.union(vpc.v6);
  const attached = (types: readonly string[], name: string, kind: Link["kind"]) =>
    read(...types)
      .filter((attachment) => attachment.reference("vpc_id")?.address === vpc.address)
      .flatMap((attachment): Link[] => {
        const lookedUp = kind === "transit-gateway";
        const address = name === "" ? attachment.at : attachment.reference(name, lookedUp)?.address;
        if (address === undefined) return [];
        return [{ kind, address, attached: step(attachment.at, vpc), sources: ANYWHERE.subtract(own) }];
      });
  const peerings = read("aws_vpc_peering_connection").flatMap((peering): Link[] => {
    // Of another account or region the plan has an id alone.
    const ends = ["vpc_id", "peer_vpc_id"].map((name) => {
      const value = peering.raw(name);
      return typeof value === "object" && value !== null && "address" in value ? String(value.address) : undefined;
    });
    if (!ends.includes(vpc.address)) return [];
    const other = vpcs.get(ends.find((end) => end !== vpc.address) ?? "");
    // No packet of a third network passes a peering, so that its addresses are those that are routed to it.
    const routed = union(
      tables
        .in(vpc.address)
        .flatMap(({ routes }) => routes.filter(({ to }) => to === peering.at).map(({ may }) => may)),
    );
    const sources = other ? other.v4.union(other.v6) : routed.union(ALL_V4.subtract(INTERNET)).subtract(own);
    return [{ kind: "peering", address: peering.at, attached: step(peering.at, vpc), sources }];
  });
  return [
    ...peerings,
    ...attached(["aws_ec2_transit_gateway_vpc_attachment"], "transit_gateway_id", "transit-gateway"),
    ...attached(["aws_vpn_gateway"], "", "vpn-gateway"),
    ...attached(["aws_vpn_gateway_attachment"], "vpn_gateway_id", "vpn-gateway"),
  ];
}

const step = (at: string, vpc: Vpc): Step => ({ at, says: `joins another network to ${vpc.address}` });

/** Subnets with the ACL and the route table that they have in the end. */
export function readSubnets(
  facts: Facts,
  vpcs: ReadonlyMap<string, Vpc>,
  acls: Acls,
  tables: RouteTables,
  doubts: Step[],
): ReadonlyMap<string, Subnet> {
  const subnets = new Map<string, Subnet>();
  for (const resource of ofType(facts, "aws_subnet")) {
    const subnet = Attributes.of(resource, doubts);
    const reference = subnet.reference("vpc_id");
    const vpc = vpcs.get(reference?.address ?? "");
    if (!vpc) {
      if (reference) subnet.doubt("vpc_id", `${reference.address} is no VPC that is managed here`);
      continue;
    }
    if (!subnet.isSet("cidr_block") && !subnet.flag("ipv6_native", false))
      subnet.doubt("cidr_block", "is not said, and the subnet is not one of IPv6 alone");
    subnets.set(subnet.at, {
      address: subnet.at,
      vpc: vpc.address,
      v4: subnet.isSet("cidr_block") ? v4(subnet) : IntervalSet.EMPTY,
      v6: v6(subnet),
      acl: acls.of(subnet.at, vpc.address),
      table: tables.of(subnet.at, vpc.address),
      publicByDefault: subnet.flag("map_public_ip_on_launch", false),
      v6ByDefault: subnet.flag("assign_ipv6_address_on_creation", false),
    });
  }
  return subnets;
}
