import { interfaceNames, NFPROTO, STATE } from "./fields";
import { valueOf } from "./value";
import type { DeclaredOutbound, EdgeFirewall } from "./edge-firewall";
import { IntervalSet } from "../interval-set";
import { type Region, region } from "./packets";

const V6 = IntervalSet.just(NFPROTO.ipv6);
const V4 = IntervalSet.just(NFPROTO.ipv4);
const ICMPV6 = IntervalSet.just(58);
const LINK_LOCAL = valueOf("ip6 saddr", { prefix: { addr: "fe80::", len: 10 } })!;
const DHCP_SERVERS: IntervalSet = LINK_LOCAL.union(valueOf("ip6 daddr", "ff02::1:2")!);
const PROTOCOLS = { tcp: 6, udp: 17 } as const;

/** Promise P2: the only packets of no flow of the device's own that it takes. Each with its source. */
export const inboundExceptions = ({ debug }: EdgeFirewall): readonly Region[] => [
  // Neighbour discovery, RFC 4861, sections 6.1.2, 7.1.1 and 7.1.2: hop limit 255 says that no router was between.
  region({
    nfproto: V6,
    l4proto: ICMPV6,
    "icmpv6 type": IntervalSet.just(134, 135, 136),
    "ip6 hoplimit": IntervalSet.just(255),
  }),
  // Multicast listener query, RFC 3810, section 5.1.14: without an answer a switch cuts neighbour discovery off.
  region({
    nfproto: V6,
    l4proto: ICMPV6,
    "icmpv6 type": IntervalSet.just(130),
    "ip6 hoplimit": IntervalSet.just(1),
    "ip6 saddr": LINK_LOCAL,
  }),
  // ICMPv6 errors, RFC 4443, section 3, and ICMP errors, RFC 1122, section 3.2.2: without them no path's MTU is found.
  region({ nfproto: V6, l4proto: ICMPV6, "icmpv6 type": IntervalSet.just(1, 2, 3, 4) }),
  region({ nfproto: V4, l4proto: IntervalSet.just(1), "icmp type": IntervalSet.just(3, 11, 12) }),
  // DHCPv6 replies, RFC 8415, section 7.2: they answer a multicast, so conntrack does not know them.
  region({
    nfproto: V6,
    l4proto: IntervalSet.just(17),
    sport: IntervalSet.just(547),
    dport: IntervalSet.just(546),
    "ip6 saddr": LINK_LOCAL,
    "ip6 daddr": LINK_LOCAL,
  }),
  // DHCPv4 replies, RFC 2131, section 4.1.
  region({ nfproto: V4, l4proto: IntervalSet.just(17), sport: IntervalSet.just(67), dport: IntervalSet.just(68) }),
  ...(debug === undefined
    ? []
    : [
        region({
          iifname: interfaceNames(debug.interface),
          l4proto: IntervalSet.just(6),
          dport: IntervalSet.just(debug.port),
          state: IntervalSet.just(STATE.new),
        }),
      ]),
];

const declaredRegions = ({ account, protocols, ports, to }: DeclaredOutbound): readonly Region[] => {
  const base = {
    ...(account === undefined ? {} : { skuid: IntervalSet.just(account) }),
    l4proto: IntervalSet.just(...protocols.map((protocol) => PROTOCOLS[protocol])),
    dport: IntervalSet.just(...ports),
  };
  if (to === undefined) return [region(base)];
  const member = (set: string, field: string) => ({ [`@inet ${to.table} ${set}: ${field}`]: IntervalSet.just(1) });
  return [
    ...(to.ipv4 === undefined ? [] : [region({ ...base, nfproto: V4, ...member(to.ipv4, "ip daddr") })]),
    ...(to.ipv6 === undefined ? [] : [region({ ...base, nfproto: V6, ...member(to.ipv6, "ip6 daddr") })]),
  ];
};

/** What a device may start: what is declared, and what IP itself needs. */
export const outboundExceptions = ({ outbound }: EdgeFirewall): readonly Region[] => [
  ...outbound.flatMap(declaredRegions),
  // Neighbour discovery and router solicitation, RFC 4861, section 4: on this link alone.
  region({
    nfproto: V6,
    l4proto: ICMPV6,
    "icmpv6 type": IntervalSet.just(133, 135, 136),
    "ip6 hoplimit": IntervalSet.just(255),
  }),
  // Multicast listener reports, RFC 3810, section 5.2.
  region({ nfproto: V6, l4proto: ICMPV6, "icmpv6 type": IntervalSet.just(143), "ip6 hoplimit": IntervalSet.just(1) }),
  // DHCP requests, RFC 2131, section 4.1, and RFC 8415, section 7.2.
  region({ nfproto: V4, l4proto: IntervalSet.just(17), sport: IntervalSet.just(68), dport: IntervalSet.just(67) }),
  region({
    nfproto: V6,
    l4proto: IntervalSet.just(17),
    sport: IntervalSet.just(546),
    dport: IntervalSet.just(547),
    "ip6 daddr": DHCP_SERVERS,
  }),
];
