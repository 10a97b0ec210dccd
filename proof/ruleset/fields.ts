import { IntervalSet } from "../interval-set";

/** What is known of a packet, each by its number; names of interfaces are numbers, too, so that `eth*` is an interval. */
const BITS = {
  iifname: 128,
  oifname: 128,
  nfproto: 8,
  l4proto: 8,
  state: 3,
  direction: 1,
  pkttype: 3,
  skuid: 33,
  skgid: 33,
  "ip saddr": 32,
  "ip daddr": 32,
  "ip6 saddr": 128,
  "ip6 daddr": 128,
  "ip6 hoplimit": 8,
  "ip ttl": 8,
  "ip frag-off": 16,
  "tcp flags": 8,
  "icmp type": 8,
  "icmp code": 8,
  "icmpv6 type": 8,
  "icmpv6 code": 8,
  sport: 16,
  dport: 16,
  fragment: 1,
} as const;

/** One of `BITS`, any other header field as `<protocol> <field>`, or `@<family> <table> <set> <field>`: is it in the set? */
export type Field = string;

export const bitsOf = (field: Field): number =>
  Object.hasOwn(BITS, field) ? BITS[field as keyof typeof BITS] : field.startsWith("@") ? 1 : 128;

export const wholeField = (field: Field): IntervalSet => IntervalSet.ofBits(bitsOf(field));

/** `NFPROTO_*` of the kernel. */
export const NFPROTO = { ipv4: 2, arp: 3, ipv6: 10 } as const;

/** A packet has one of these conntrack states. Neighbour discovery is untracked without anybody asking for it. */
export const STATE = { invalid: 0, new: 1, established: 2, related: 3, untracked: 4 } as const;

/** No socket: the kernel's own packets, and received ones. No uid is so large. */
export const NO_SOCKET = 1n << 32n;

const NAME_BYTES = 16;

const bytes = (name: string, fill: number): bigint => {
  const codes = [...new TextEncoder().encode(name)].slice(0, NAME_BYTES);
  return [...codes, ...Array.from({ length: NAME_BYTES - codes.length }, () => fill)].reduce(
    (sum, code) => (sum << 8n) | BigInt(code),
    0n,
  );
};

/** An interface's name, or `eth*` for all that begin so. */
export const interfaceNames = (name: string): IntervalSet =>
  name.endsWith("*") && !name.endsWith("\\*")
    ? IntervalSet.range(bytes(name.slice(0, -1), 0), bytes(name.slice(0, -1), 0xff))
    : IntervalSet.just(bytes(name.replaceAll("\\*", "*"), 0));

/** For a witness: the name that a number stands for; any other is shown as some interface. */
export const interfaceName = (value: bigint): string => {
  const text = value
    .toString(16)
    .padStart(NAME_BYTES * 2, "0")
    .replace(/(00)+$/, "");
  const codes = text.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
  return codes.length > 0 && codes.every((code) => code > 0x20 && code < 0x7f) ? String.fromCharCode(...codes) : "any";
};
