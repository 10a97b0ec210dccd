import ipaddr from "ipaddr.js";

/** One zone's two subnets, as CIDR blocks. */
export interface ZoneSubnets {
  readonly zone: string;
  /** Holds the load balancer's node alone. */
  readonly publicCidr: string;
  /** Holds the broker tasks, the endpoints and the store's mount target. */
  readonly brokerCidr: string;
}

const ZONES_AT_MOST = 4;
/** The smallest subnet AWS allows: 11 free addresses, of which a load balancer node needs 8. Nothing else fits in. */
const PUBLIC_PREFIX = 28;

/**
 * Cuts a VPC's range into two subnets a zone. Each zone has a quarter of the range by its place in the list, so appending
 * a zone moves nobody: the lower half of the quarter is the broker's, the first /28 of the upper half is public, and the
 * rest of the upper half stays free.
 *
 * @param cidr IPv4 range of the VPC, /16 to /24, without host bits.
 * @param zones Two to four zones; their order is their identity.
 * @throws RangeError that names the value and the rule.
 */
export function planSubnets(cidr: string, zones: readonly string[]): ZoneSubnets[] {
  const { address, prefix } = parse(cidr);
  if (zones.length < 2 || zones.length > ZONES_AT_MOST)
    throw new RangeError(`'zones' must be two to ${ZONES_AT_MOST}, got ${zones.length}: [${zones.join(", ")}]`);
  if (new Set(zones).size !== zones.length)
    throw new RangeError(`'zones' must differ from each other, got [${zones.join(", ")}]`);

  const half = 2 ** (32 - prefix - 3);
  return zones.map((zone, index) => {
    const quarter = address + index * 2 * half;
    return { zone, publicCidr: format(quarter + half, PUBLIC_PREFIX), brokerCidr: format(quarter, prefix + 3) };
  });
}

function parse(cidr: string): { address: number; prefix: number } {
  const rule = `'cidr' must be an IPv4 range between /16 and /24 without host bits, got '${cidr}'`;
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) throw new RangeError(rule);
  const [ip, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  const address = ip.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  if (prefix < 16 || prefix > 24 || address % 2 ** (32 - prefix) !== 0) throw new RangeError(rule);
  return { address, prefix };
}

const format = (address: number, prefix: number): string =>
  `${[24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".")}/${prefix}`;
