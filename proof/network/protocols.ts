import type { Attributes } from "./attributes";
import { ALL_PORTS, ALL_PROTOCOLS } from "./header-set";
import { IntervalSet } from "../interval-set";

export const TCP = 6;
export const UDP = 17;
const ICMP = 1;
const ICMP_V6 = 58;

const NUMBERS: Readonly<Record<string, number>> = { tcp: TCP, udp: UDP, icmp: ICMP, icmpv6: ICMP_V6 };
const NAMES = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name]));

export const protocolSet = (number: number): IntervalSet => IntervalSet.ofNumbers([number, number]);

export interface Ports {
  readonly protocol: IntervalSet;
  readonly port: IntervalSet;
  /** `tcp 22`, `everything` */
  readonly says: string;
}

/** A rule's protocol and ports; of ICMP, its type and code. Only tcp, udp and ICMP have any. */
export function readPorts(
  rule: Attributes,
  names: {
    readonly protocol: string;
    readonly from: string;
    readonly to: string;
    readonly icmp?: readonly [string, string];
    /** What the provider writes where type or code is not set. @default any */
    readonly icmpUnset?: number;
  },
): Ports | undefined {
  const text = rule.text(names.protocol)?.toLowerCase();
  if (text === undefined)
    return rule.doubt(names.protocol, "must be there: without it, it is not known what the rule is about");
  if (text === "-1" || text === "all") return { protocol: ALL_PROTOCOLS, port: ALL_PORTS, says: "everything" };
  const number = NUMBERS[text] ?? (/^\d{1,3}$/.test(text) ? Number(text) : NaN);
  if (!(number >= 0 && number <= 255)) return rule.doubt(names.protocol, `must be a protocol, got '${text}'`);
  const protocol = protocolSet(number);
  const name = NAMES.get(number) ?? `protocol ${number}`;
  const icmp = number === ICMP || number === ICMP_V6;
  if (!icmp && number !== TCP && number !== UDP) return { protocol, port: ALL_PORTS, says: name };
  const [from, to] = (icmp && names.icmp) || [names.from, names.to];
  const [low, high] = [rule.number(from), rule.number(to)];
  if (icmp) {
    const type = low ?? names.icmpUnset ?? -1;
    const code = high ?? names.icmpUnset ?? -1;
    if (type < 0 || type > 255) return { protocol, port: ALL_PORTS, says: name };
    const port = code < 0 ? [type * 256, type * 256 + 255] : [type * 256 + code, type * 256 + code];
    return { protocol, port: IntervalSet.ofNumbers([port[0]!, port[1]!]), says: `${name} type ${type}` };
  }
  // Not set, or -1: every port.
  const first = low === undefined || low < 0 ? 0 : low;
  const last = high === undefined || high < 0 ? (low === undefined || low < 0 ? 65535 : first) : high;
  if (first > last || last > 65535)
    return rule.doubt(from, `must be ports from 0 to 65535, the lower one first, got ${first} to ${last}`);
  const both = first === 0 && last === 65535;
  const says = both ? name : first === last ? `${name} ${first}` : `${name} ${first}-${last}`;
  return { protocol, port: IntervalSet.ofNumbers([first, last]), says };
}

/** `tcp 22` of one packet. */
export const showPort = (protocol: bigint, port: bigint): string => {
  const number = Number(protocol);
  const name = NAMES.get(number) ?? `protocol ${number}`;
  if (number === ICMP || number === ICMP_V6) return `${name} type ${port / 256n}`;
  return number === TCP || number === UDP ? `${name} ${port}` : name;
};
