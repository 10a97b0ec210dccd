import { NFPROTO, STATE } from "./fields";

/** Words that `nft -j` writes instead of numbers (nft 1.0 and 1.1, `nft describe <type>`). */
const L4PROTO = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  "ipv6-icmp": 58,
  comp: 108,
  sctp: 132,
  udplite: 136,
} as const;
const ICMP = {
  "echo-reply": 0,
  "destination-unreachable": 3,
  "source-quench": 4,
  redirect: 5,
  "echo-request": 8,
  "router-advertisement": 9,
  "router-solicitation": 10,
  "time-exceeded": 11,
  "parameter-problem": 12,
  "timestamp-request": 13,
  "timestamp-reply": 14,
  "info-request": 15,
  "info-reply": 16,
  "address-mask-request": 17,
  "address-mask-reply": 18,
} as const;
const ICMPV6 = {
  "destination-unreachable": 1,
  "packet-too-big": 2,
  "time-exceeded": 3,
  "parameter-problem": 4,
  "echo-request": 128,
  "echo-reply": 129,
  "mld-listener-query": 130,
  "mld-listener-report": 131,
  "mld-listener-done": 132,
  "mld-listener-reduction": 132,
  "nd-router-solicit": 133,
  "nd-router-advert": 134,
  "nd-neighbor-solicit": 135,
  "nd-neighbor-advert": 136,
  "nd-redirect": 137,
  "router-renumbering": 138,
  "ind-neighbor-solicit": 141,
  "ind-neighbor-advert": 142,
  "mld2-listener-report": 143,
} as const;
const FLAGS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 } as const;
const ETHER = { ip: NFPROTO.ipv4, ip6: NFPROTO.ipv6, arp: NFPROTO.arp } as const;
const PKTTYPE = { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 } as const;

/** By field, so that a word is never taken for another field's. */
export const NAMES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  l4proto: L4PROTO,
  "icmp type": ICMP,
  "icmpv6 type": ICMPV6,
  "icmpv6 code": {
    "no-route": 0,
    "admin-prohibited": 1,
    "addr-unreachable": 3,
    "port-unreachable": 4,
    "policy-fail": 5,
    "reject-route": 6,
  },
  "icmp code": {
    "net-unreachable": 0,
    "host-unreachable": 1,
    "prot-unreachable": 2,
    "port-unreachable": 3,
    "frag-needed": 4,
    "net-prohibited": 9,
    "host-prohibited": 10,
    "admin-prohibited": 13,
  },
  "tcp flags": FLAGS,
  state: STATE,
  direction: { original: 0, reply: 1 },
  pkttype: PKTTYPE,
  nfproto: { ...NFPROTO, ...ETHER },
  skuid: { root: 0 },
  skgid: { root: 0 },
};
