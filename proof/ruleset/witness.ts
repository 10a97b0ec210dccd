import ipaddr from "ipaddr.js";
import { bitsOf, interfaceName, NFPROTO, NO_SOCKET, STATE } from "./fields";
import { type Region, setOf } from "./packets";

const STATES = Object.fromEntries(Object.entries(STATE).map(([name, value]) => [value, name]));
const PROTOCOLS: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6" };

const addressText = (value: bigint, bits: number): string => {
  const bytes = Array.from({ length: bits / 8 }, (_, index) =>
    Number((value >> BigInt(bits - 8 * (index + 1))) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes).toString();
};

const valueText = (field: string, value: bigint): string => {
  if (field.startsWith("@")) return value === 1n ? "in the set" : "not in the set";
  if (field === "iifname" || field === "oifname") return interfaceName(value);
  if (field === "state") return STATES[Number(value)] ?? String(value);
  if (field === "l4proto") return PROTOCOLS[Number(value)] ?? String(value);
  if (field === "skuid" || field === "skgid") return value >= NO_SOCKET ? "none" : String(value);
  if (/ [sd]addr$/.test(field)) return addressText(value, bitsOf(field));
  return String(value);
};

/** One packet of a region, in words: `IPv4 tcp dport 22 new`. What is not named may be anything. */
export const witness = (fields: Region): string => {
  const families = setOf(fields, "nfproto");
  const has = (number: number): boolean => families.has(BigInt(number));
  const family = has(NFPROTO.ipv4)
    ? "IPv4"
    : has(NFPROTO.ipv6)
      ? "IPv6"
      : has(NFPROTO.arp)
        ? "ARP"
        : "a frame of another protocol";
  const other = family === "IPv4" ? "ip6 " : "ip ";
  const protocol = fields.has("l4proto") ? valueText("l4proto", setOf(fields, "l4proto").lowest!) : "any protocol";
  const rest = [...fields.keys()]
    .filter((field) => !["nfproto", "l4proto", "later-fragment"].includes(field) && !field.startsWith(other))
    .map((field): string => {
      const text = valueText(field, setOf(fields, field).lowest!);
      return field === "state" ? text : `${field} ${text}`;
    })
    // No interface, or any of them, is not worth saying.
    .filter((text) => !/^[io]ifname any$/.test(text));
  return [family, protocol, ...rest].join(" ");
};
