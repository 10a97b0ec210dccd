import ipaddr from "ipaddr.js";
import { type Interval, IntervalSet } from "../interval-set";

/**
 * Addresses of both families on one line of whole numbers: IPv4 from 0, IPv6 from 2^32, and behind them a place for each
 * of AWS's prefix lists, whose addresses are public IPv4 and known to AWS alone.
 */
const V6 = 2n ** 32n;
const LISTS = V6 + 2n ** 128n;
const MOST_LISTS = 1024n;

export const ALL_V4 = IntervalSet.of([0n, V6 - 1n]);
export const ALL_V6 = IntervalSet.of([V6, LISTS - 1n]);
export const ALL_LISTS = IntervalSet.of([LISTS, LISTS + MOST_LISTS - 1n]);
export const ANYWHERE = IntervalSet.of([0n, LISTS + MOST_LISTS - 1n]);

/** The place of the nth of AWS's prefix lists. */
export const prefixListPlace = (nth: number): IntervalSet => IntervalSet.of([LISTS + BigInt(nth), LISTS + BigInt(nth)]);

/** A range as it is written. Undefined: it is none. */
export function range(cidr: string): Range | undefined {
  if (!ipaddr.isValidCIDR(cidr)) return undefined;
  const [address, length] = ipaddr.parseCIDR(cidr);
  const bits = address.kind() === "ipv4" ? 32 : 128;
  const value = address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const size = 2n ** BigInt(bits - length);
  const start = (value / size) * size + (bits === 32 ? 0n : V6);
  return { addresses: IntervalSet.of([start, start + size - 1n]), length, family: bits === 32 ? 4 : 6 };
}

export interface Range {
  readonly addresses: IntervalSet;
  /** Of the prefix, in bits. */
  readonly length: number;
  readonly family: 4 | 6;
}

const fixed = (...cidrs: readonly string[]): IntervalSet =>
  IntervalSet.of(...cidrs.flatMap((cidr) => range(cidr)!.addresses.intervals));

/** What the internet does not route (IANA's special-purpose registries; RFC 1918, 6598, 3927, 1122, 5771, 1112). */
const NOT_ROUTED = fixed(
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/3",
);

/** Global unicast, the part of IPv6 that is given out (RFC 4291, 2.4). */
export const GLOBAL_V6 = fixed("2000::/3");

/** By these IPv6 addresses a NAT gateway reaches all of IPv4 (RFC 6052, 2.1). */
export const NAT64 = fixed("64:ff9b::/96");

/** The IPv4 addresses that some of NAT64's stand for. */
export const behindNat64 = (addresses: IntervalSet): IntervalSet => {
  const [start] = NAT64.intervals[0]!;
  return IntervalSet.of(
    ...addresses.intersect(NAT64).intervals.map(([from, to]) => [from - start, to - start] as const),
  );
};

/** Every address that a stranger on the internet can have, or be found at. */
export const INTERNET = ALL_V4.subtract(NOT_ROUTED).union(GLOBAL_V6).union(ALL_LISTS);

/**
 * The addresses of a range that something may be at, if it lets in: AWS's own public addresses, wherever they are, may be
 * in any range that has public ones.
 */
export const mayHold = ({ addresses, family }: Range): IntervalSet =>
  family === 4 && !addresses.intersect(INTERNET).isEmpty ? addresses.union(ALL_LISTS) : addresses;

/** The addresses that are in a range whatever AWS's prefix lists hold. */
export const mustHold = ({ addresses, length, family }: Range): IntervalSet =>
  family === 4 && length === 0 ? addresses.union(ALL_LISTS) : addresses;

/** An address for people. */
export function showAddress(address: bigint): string {
  if (address >= LISTS) return "an address of AWS's prefix list";
  const v4 = address < V6;
  let rest = v4 ? address : address - V6;
  const bytes: number[] = [];
  for (let byte = 0; byte < (v4 ? 4 : 16); byte++, rest /= 256n) bytes.unshift(Number(rest % 256n));
  return ipaddr.fromByteArray(bytes).toString();
}

/** Addresses for people: ranges where they are some, first and last where they are not. */
export function showAddresses(addresses: IntervalSet): string {
  if (addresses.covers(INTERNET.intersect(ALL_V4)) && addresses.covers(GLOBAL_V6)) return "anywhere";
  if (addresses.covers(INTERNET.intersect(ALL_V4))) return "anywhere (IPv4)";
  if (addresses.covers(GLOBAL_V6)) return "anywhere (IPv6)";
  const shown = addresses.intervals.slice(0, 3).map(showInterval);
  return addresses.intervals.length > 3 ? `${shown.join(", ")} and more` : shown.join(", ");
}

function showInterval([from, to]: Interval): string {
  if (from === to || from >= LISTS) return showAddress(from);
  const size = to - from + 1n;
  const start = from < V6 ? from : from - V6;
  const power = size.toString(2).length - 1;
  const isPrefix = size === 2n ** BigInt(power) && start % size === 0n;
  return isPrefix
    ? `${showAddress(from)}/${(from < V6 ? 32 : 128) - power}`
    : `${showAddress(from)}-${showAddress(to)}`;
}
