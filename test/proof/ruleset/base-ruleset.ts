import type { EdgeFirewall } from "../../../proof/ruleset/edge-firewall";

/** The firewall of a device as its image carries it: what the cases below change one thing in. */
export const BASE = `
flush ruleset
table inet dmz {
  set broker4 { type ipv4_addr; flags timeout; timeout 1h; }
  set broker6 { type ipv6_addr; flags timeout; timeout 1h; }
  chain input {
    type filter hook input priority filter; policy drop;
    iif "lo" counter accept
    icmp type 5 counter drop
    icmpv6 type 137 counter drop
    ct state invalid counter drop
    ct state established,related counter accept
    icmpv6 type { 135, 136 } icmpv6 code 0 ip6 hoplimit 255 counter accept
    icmpv6 type 134 icmpv6 code 0 ip6 hoplimit 255 ip6 saddr fe80::/10 counter accept
    icmpv6 type 130 ip6 hoplimit 1 ip6 saddr fe80::/10 counter accept
    ip6 saddr fe80::/10 ip6 daddr fe80::/10 udp sport 547 udp dport 546 counter accept
    counter drop
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    counter drop
  }
  chain output {
    type filter hook output priority filter; policy drop;
    oif "lo" counter accept
    ct state invalid counter drop
    ct state established,related counter accept
    meta skuid 990 ip daddr @broker4 tcp dport { 443, 8883 } counter accept
    meta skuid 990 ip6 daddr @broker6 tcp dport { 443, 8883 } counter accept
    meta skuid 992 meta l4proto { 6, 17 } th dport 53 counter accept
    meta skuid 993 udp dport 123 counter accept
    meta skuid 994 meta nfproto ipv4 udp sport 68 udp dport 67 counter accept
    meta skuid 994 ip6 daddr { fe80::/10, ff02::1:2 } udp sport 546 udp dport 547 counter accept
    icmpv6 type { 133, 135, 136 } icmpv6 code 0 ip6 hoplimit 255 counter accept
    icmpv6 type 143 ip6 hoplimit 1 counter accept
    counter reject with icmpx admin-prohibited
  }
}
`;

/** What is declared for that device. */
export const DECLARED: Omit<EdgeFirewall, "ruleset"> = {
  outbound: [
    {
      name: "agent to the broker",
      account: 990,
      protocols: ["tcp"],
      ports: [443, 8883],
      to: { table: "dmz", ipv4: "broker4", ipv6: "broker6" },
    },
    { name: "resolver", account: 992, protocols: ["tcp", "udp"], ports: [53] },
    { name: "time", account: 993, protocols: ["udp"], ports: [123] },
  ],
};

/** One thing replaced; the text must be there, once. */
const swap =
  (from: string, to: string) =>
  (text: string): string => {
    if (text.split(from).length !== 2) throw new Error(`"${from}" must be in the ruleset once`);
    return text.replace(from, to);
  };
const beforeDrop = (rule: string) =>
  swap("counter accept\n    counter drop\n", `counter accept\n    ${rule}\n    counter drop\n`);
/** The last rule of the input chain replaced, and what falls through let in. */
const lastDrop =
  (rule: string) =>
  (text: string): string =>
    swap(
      "priority filter; policy drop;\n    iif",
      "priority filter; policy accept;\n    iif",
    )(text.replace("udp dport 546 counter accept\n    counter drop", `udp dport 546 counter accept\n    ${rule}`));
const also =
  (table: string) =>
  (text: string): string =>
    `${text}${table}\n`;

export interface RulesetCase {
  /** Name of the fixture. */
  readonly name: string;
  readonly change: (text: string) => string;
  /** The property that it breaks, or leaves unknown. Undefined: harmless. */
  readonly breaks?: "edge-accepts-no-new-inbound-packet" | "edge-forwards-nothing" | "edge-sends-only-what-is-declared";
  /** Text that the counterexample or reason must hold: the packet or the rule. */
  readonly shows?: readonly string[];
  readonly answer?: "UNPROVEN";
}

const IN = "edge-accepts-no-new-inbound-packet";
const THROUGH = "edge-forwards-nothing";
const OUT = "edge-sends-only-what-is-declared";

export const HOLES: readonly RulesetCase[] = [
  {
    // nft lists no match for the family: the answer's own protocol says it.
    name: "reject-of-one-family",
    change: lastDrop("reject with icmp type port-unreachable"),
    breaks: IN,
    shows: ["IPv6"],
  },
  {
    name: "ssh-before-the-drop",
    change: beforeDrop("tcp dport 22 accept"),
    breaks: IN,
    shows: ["tcp", "dport 22", "tcp dport 22 accept"],
  },
  {
    name: "policy-accept",
    change: (text) =>
      swap(
        "priority filter; policy drop;\n    iif",
        "priority filter; policy accept;\n    iif",
      )(text).replace(
        "fe80::/10 udp sport 547 udp dport 546 counter accept\n    counter drop",
        "fe80::/10 udp sport 547 udp dport 546 counter accept",
      ),
    breaks: IN,
    shows: ["policy accept"],
  },
  {
    name: "new-among-the-states",
    change: (text) =>
      text.replace(
        "ct state established,related counter accept\n    icmpv6",
        "ct state established,related,new counter accept\n    icmpv6",
      ),
    breaks: IN,
    shows: ["new"],
  },
  {
    name: "ipv6-alone",
    change: beforeDrop("meta nfproto ipv6 tcp dport 8080 accept"),
    breaks: IN,
    shows: ["IPv6 tcp", "dport 8080"],
  },
  { name: "source-port-fifty-three", change: beforeDrop("udp sport 53 accept"), breaks: IN, shows: ["sport 53"] },
  {
    name: "spoofed-loopback-address",
    change: beforeDrop("ip saddr 127.0.0.0/8 accept"),
    breaks: IN,
    shows: ["ip saddr 127.0.0.0"],
  },
  {
    name: "drop-up-to-a-limit",
    change: lastDrop("limit rate 1000/second counter drop"),
    breaks: IN,
    shows: ["policy accept"],
  },
  {
    name: "drop-by-a-set-that-counts",
    change: (text) =>
      swap(
        "  chain input {",
        "  set seen { type ipv4_addr; size 65535; flags dynamic; }\n  chain input {",
      )(lastDrop("add @seen { ip saddr limit rate over 10/second } drop")(text)),
    breaks: IN,
    shows: ["policy accept"],
  },
  {
    name: "echo-request",
    change: beforeDrop("icmp type 8 limit rate 5/second accept"),
    breaks: IN,
    shows: ["icmp type 8"],
  },
  {
    name: "later-fragments",
    change: beforeDrop("ip frag-off & 0x1fff != 0 accept"),
    breaks: IN,
    shows: ["ip frag-off 1"],
  },
  {
    name: "neighbour-discovery-from-afar",
    change: swap(
      "icmpv6 type { 135, 136 } icmpv6 code 0 ip6 hoplimit 255 counter accept\n    icmpv6 type 134",
      "icmpv6 type { 135, 136 } counter accept\n    icmpv6 type 134",
    ),
    breaks: IN,
    shows: ["icmpv6 type 135"],
  },
  {
    name: "interface-by-wildcard",
    change: beforeDrop('iifname "eth*" tcp dport 1-1024 accept'),
    breaks: IN,
    shows: ["dport 1"],
  },
  { name: "all-interfaces-but-one", change: beforeDrop('iifname != "eth0" accept'), breaks: IN, shows: ["iifname"] },
  {
    name: "untracked",
    change: (text) =>
      also("table ip raw { chain pre { type filter hook prerouting priority raw; tcp dport 9100 notrack; }\n}")(
        beforeDrop("ct state untracked accept")(text),
      ),
    breaks: IN,
    shows: ["untracked"],
  },
  {
    name: "jump-into-accept",
    change: (text) =>
      swap(
        "  chain forward {",
        "  chain maintenance { tcp dport { 22, 5900 } accept; }\n  chain forward {",
      )(beforeDrop("ip saddr 10.0.0.0/8 jump maintenance")(text)),
    breaks: IN,
    shows: ["jump maintenance", "dport 22"],
  },
  {
    name: "goto-past-the-drop",
    change: (text) =>
      swap(
        "policy drop;\n    iif",
        "policy accept;\n    iif",
      )(
        swap(
          "  chain forward {",
          "  chain seen { counter; }\n  chain forward {",
        )(beforeDrop("udp dport 161 goto seen")(text)),
      ),
    breaks: IN,
    shows: ["goto seen", "dport 161", "policy accept"],
  },
  {
    name: "verdict-map",
    change: beforeDrop("tcp dport vmap { 23 : drop, 102 : accept }"),
    breaks: IN,
    shows: ["dport 102"],
  },
  {
    name: "concatenation",
    change: beforeDrop("ip saddr . tcp dport { 192.0.2.1 . 502 } accept"),
    breaks: IN,
    shows: ["192.0.2.1", "dport 502"],
  },
  {
    name: "port-knocking",
    change: (text) =>
      swap(
        "  chain input {",
        "  set knocked { type ipv4_addr; flags timeout; }\n  chain input {",
      )(
        beforeDrop(
          "tcp dport 7000 add @knocked { ip saddr timeout 10s } drop\n    ip saddr @knocked tcp dport 22 accept",
        )(text),
      ),
    breaks: IN,
    shows: ["knocked", "dport 22"],
  },
  {
    name: "redirect-to-an-open-port",
    change: (text) =>
      also("table ip nat { chain pre { type nat hook prerouting priority dstnat; udp dport 514 redirect to :68; }\n}")(
        beforeDrop("udp sport 67 udp dport 68 accept")(text),
      ),
    breaks: IN,
    shows: ["redirect"],
  },
  {
    name: "forward-accept",
    change: swap(
      "hook forward priority filter; policy drop;\n",
      'hook forward priority filter; policy drop;\n    iifname "eth0" tcp dport 502 accept\n',
    ),
    breaks: THROUGH,
    shows: ["iifname eth0", "dport 502"],
  },
  {
    name: "forward-chain-missing",
    change: swap(
      "  chain forward {\n    type filter hook forward priority filter; policy drop;\n    counter drop\n  }\n",
      "",
    ),
    breaks: THROUGH,
    shows: ["IPv4"],
  },
  {
    name: "forward-ipv4-alone",
    change: (text) =>
      swap(
        "hook forward priority filter; policy drop;\n    counter drop",
        "hook forward priority filter; policy accept;\n    meta nfproto ipv4 drop",
      )(text),
    breaks: THROUGH,
    shows: ["IPv6"],
  },
  {
    name: "container-bridge",
    change: swap(
      "hook forward priority filter; policy drop;\n",
      'hook forward priority filter; policy drop;\n    oifname "docker0" accept\n',
    ),
    breaks: THROUGH,
    shows: ["oifname docker0"],
  },
  {
    name: "bridge-family-open",
    change: also(
      "table bridge filter { chain f { type filter hook forward priority 0; policy accept; ether type arp drop; }\n}",
    ),
    breaks: THROUGH,
    shows: ["bridge"],
  },
  {
    name: "ingress-sends-on",
    change: also(
      'table netdev early { chain i { type filter hook ingress device "lo" priority 0; udp dport 5000 fwd to "lo"; }\n}',
    ),
    breaks: IN,
    shows: ["fwd", "dport 5000"],
  },
  {
    name: "any-account",
    change: (text) => text.replace("meta skuid 990 ip daddr @broker4", "ip daddr @broker4"),
    breaks: OUT,
    shows: ["skuid 0", "dport 443"],
  },
  {
    name: "any-address",
    change: swap("meta skuid 990 ip daddr @broker4 tcp", "meta skuid 990 tcp"),
    breaks: OUT,
    shows: ["skuid 990", "dport 443"],
  },
  {
    name: "any-port",
    change: swap("meta skuid 993 udp dport 123", "meta skuid 993 udp dport 100-200"),
    breaks: OUT,
    shows: ["skuid 993", "dport 100"],
  },
  {
    name: "dhcp-over-ipv6",
    change: swap("meta nfproto ipv4 udp sport 68", "udp sport 68"),
    breaks: OUT,
    shows: ["IPv6 udp", "sport 68", "dport 67"],
  },
  {
    name: "root-may-all",
    change: swap('oif "lo" counter accept\n', 'oif "lo" counter accept\n    meta skuid root accept\n'),
    breaks: OUT,
    shows: ["skuid 0"],
  },
  {
    name: "output-policy-accept",
    change: (text) =>
      swap(
        "hook output priority filter; policy drop;",
        "hook output priority filter; policy accept;",
      )(swap("    counter reject with icmpx admin-prohibited\n", "")(text)),
    breaks: OUT,
    shows: ["policy accept"],
  },
  {
    name: "output-translated",
    change: also(
      "table ip nat { chain o { type nat hook output priority -100; tcp dport 8883 dnat to 203.0.113.9:8883; }\n}",
    ),
    breaks: OUT,
    shows: ["dnat"],
  },
  {
    // The kernel compares bits: a new packet has neither of the two.
    name: "states-by-their-bits",
    change: beforeDrop("ct state & (established | related) == 0 tcp dport 22 accept"),
    breaks: IN,
    shows: ["new", "dport 22"],
  },
  {
    // Equal to both at once: no packet is, and so nothing is dropped.
    name: "drop-of-two-states-at-once",
    change: lastDrop("ct state == (new | invalid) drop"),
    breaks: IN,
    shows: ["policy accept"],
  },
  {
    name: "drop-of-all-flags-at-once",
    change: lastDrop("ct state new tcp flags == (syn | ack) drop"),
    breaks: IN,
    shows: ["policy accept"],
  },
  {
    // Too late: conntrack has seen the packet, and it stays new.
    name: "notrack-behind-conntrack",
    change: (text) =>
      also("table inet late { chain pre { type filter hook prerouting priority mangle; tcp dport 22 notrack; }\n}")(
        beforeDrop("ct state new tcp dport 22 accept")(text),
      ),
    breaks: IN,
    shows: ["dport 22"],
  },
  {
    // A transparent proxy chooses a socket; the packet keeps its port.
    name: "transparent-proxy",
    change: (text) =>
      also(
        "table ip proxy { chain pre { type filter hook prerouting priority mangle; tcp dport 80 tproxy to :50080; }\n}",
      )(beforeDrop("ip protocol tcp tcp dport 80 accept")(text)),
    breaks: IN,
    shows: ["dport 80"],
  },
  {
    name: "translated-by-a-map-with-ports",
    change: (text) =>
      also(
        "table ip nat { chain pre { type nat hook prerouting priority dstnat; dnat to tcp dport map { 80 : 192.0.2.1 . 8080 }; }\n}",
      )(
        beforeDrop("ip protocol tcp tcp dport 8080 accept")(
          also("table ip early { chain i { type filter hook prerouting priority -150; tcp dport 8080 drop; }\n}")(text),
        ),
      ),
    breaks: IN,
    shows: ["8080"],
  },
  {
    // Translated once, the address is no longer the one that was in the set.
    name: "translated-out-of-a-set",
    change: (text) =>
      also(
        "table inet nat { chain pre { type nat hook prerouting priority dstnat; tcp dport 7777 dnat ip to 192.0.2.9; }\n}",
      )(
        swap(
          "  chain input {",
          "  set mine { type ipv4_addr; flags timeout; }\n  chain early { type filter hook prerouting priority -150; policy accept; tcp dport 7777 ip daddr != @mine drop; }\n  chain input {",
        )(beforeDrop("ip daddr @mine drop\n    ip daddr 192.0.2.9 tcp dport 7777 accept")(text)),
      ),
    breaks: IN,
    shows: ["dnat", "dport 7777"],
  },
  {
    // Chains of type nat run where the kernel's NAT does, whatever priority they name.
    name: "nat-behind-its-priority",
    change: (text) =>
      also(
        "table ip nat { chain pre { type nat hook prerouting priority 50; tcp dport 80 redirect to :9000; }\n chain f { type filter hook prerouting priority 0; policy accept; tcp dport 80 drop; }\n}",
      )(
        beforeDrop("ip protocol tcp tcp dport 9000 accept")(
          also("table ip early { chain i { type filter hook prerouting priority -150; tcp dport 9000 drop; }\n}")(text),
        ),
      ),
    breaks: IN,
    shows: ["redirect"],
  },
  {
    // NAT never sees what conntrack knows nothing of.
    name: "drop-in-a-nat-chain",
    change: (text) =>
      also("table inet nat { chain pre { type nat hook prerouting priority dstnat; udp dport 161 drop; }\n}")(
        swap(
          "    ct state invalid counter drop\n    ct state established,related counter accept\n    icmpv6",
          "    ct state established,related counter accept\n    icmpv6",
        )(beforeDrop("udp dport 161 accept")(text)),
      ),
    breaks: IN,
    shows: ["invalid", "dport 161"],
  },
  {
    // Of two chains at one priority, the last that was made runs first.
    name: "translated-at-the-filters-priority",
    change: (text) =>
      also(
        "table ip pair { chain n { type nat hook prerouting priority dstnat; tcp dport 80 redirect to :22; }\n chain f { type filter hook prerouting priority dstnat; policy accept; tcp dport 22 drop; }\n}",
      )(beforeDrop("tcp dport 22 accept")(text)),
    breaks: IN,
    shows: ["redirect"],
  },
  {
    // Everything but IP: PROFINET's own frames, for one.
    name: "bridge-open-to-other-frames",
    change: also(
      "table bridge filter { chain f { type filter hook forward priority 0; policy accept; ether type { ip, ip6, arp } drop; }\n}",
    ),
    breaks: THROUGH,
    shows: ["bridge"],
  },
  {
    // Raised to 255, a neighbour discovery from afar looks like one of this link.
    name: "hop-limit-raised-on-the-way-in",
    change: (text) =>
      also("table inet raise { chain pre { type filter hook prerouting priority mangle; ip6 hoplimit set 255; }\n}")(
        text,
      ),
    breaks: IN,
    shows: ["icmpv6 type 135"],
  },
  {
    name: "mark-of-somebody",
    change: beforeDrop("meta mark 7 accept"),
    breaks: IN,
    answer: "UNPROVEN",
    shows: ["meta mark 7"],
  },
  {
    name: "flow-helper",
    change: (text) =>
      swap(
        "  chain input {",
        '  ct helper ftp { type "ftp" protocol tcp; }\n  chain input {',
      )(beforeDrop('tcp dport 21 ct helper set "ftp"')(text)),
    breaks: IN,
    answer: "UNPROVEN",
    shows: ["ct helper"],
  },
];

export const HARMLESS: readonly RulesetCase[] = [
  { name: "base", change: (text) => text },
  { name: "logged-drops", change: beforeDrop('limit rate 5/minute log prefix "drop " level info') },
  {
    name: "another-table-that-accepts",
    change: also(
      "table ip other { chain in { type filter hook input priority -10; policy accept; tcp dport 22 accept; }\n}",
    ),
  },
  {
    name: "another-table-later",
    change: also("table inet later { chain in { type filter hook input priority 10; policy accept; accept; }\n}"),
  },
  {
    name: "container-tables-behind-a-closed-forward",
    change: also(
      'table ip docker { chain f { type filter hook forward priority 0; policy accept; oifname "docker0" accept; }\n chain p { type nat hook postrouting priority 100; ip saddr 172.17.0.0/16 masquerade; }\n}',
    ),
  },
  {
    name: "redirect-to-a-closed-port",
    change: also(
      "table ip nat { chain pre { type nat hook prerouting priority dstnat; tcp dport 80 redirect to :8080; }\n}",
    ),
  },
  {
    name: "unused-chain-that-accepts",
    change: swap("  chain forward {", "  chain unused { accept; }\n  chain forward {"),
  },
  {
    name: "states-as-a-map",
    change: (text) =>
      text.replace(
        "ct state invalid counter drop\n    ct state established,related counter accept\n    icmpv6",
        "ct state vmap { established : accept, related : accept, invalid : drop }\n    icmpv6",
      ),
  },
  {
    name: "exceptions-in-a-chain",
    change: (text) =>
      swap(
        "  chain forward {",
        "  chain nd { icmpv6 type { 135, 136 } ip6 hoplimit 255 accept; }\n  chain forward {",
      )(beforeDrop("meta l4proto 58 jump nd")(text)),
  },
  {
    name: "accept-behind-the-drop",
    change: (text) =>
      text.replace(
        "546 counter accept\n    counter drop\n",
        "546 counter accept\n    counter drop\n    tcp dport 22 accept\n",
      ),
  },
  {
    name: "hop-limits-of-its-own",
    change: (text) =>
      also(
        "table inet cosmetic { chain post { type filter hook postrouting priority mangle; ip ttl set 64; meta l4proto tcp ip6 hoplimit set 64; ip dscp set cs1; tcp flags syn tcp option maxseg size set rt mtu; }\n}",
      )(text),
  },
  {
    name: "masquerade-of-its-own",
    change: also(
      'table ip nat { chain post { type nat hook postrouting priority srcnat; oifname "wwan0" masquerade; }\n}',
    ),
  },
  {
    name: "states-by-their-bits-to-drop",
    change: (text) =>
      text.replace(
        "ct state invalid counter drop\n    ct state established,related counter accept\n    icmpv6",
        "ct state invalid counter drop\n    ct state & (established | related) != 0 counter accept\n    icmpv6",
      ),
  },
  {
    name: "bridge-of-families-dropped-by-type",
    change: also(
      "table bridge filter { chain f { type filter hook forward priority 0; policy drop; ether type arp drop; }\n}",
    ),
  },
  {
    name: "early-drop",
    change: also(
      'table netdev early { chain i { type filter hook ingress device "lo" priority 0; ip saddr 192.0.2.0/24 drop; }\n}',
    ),
  },
  { name: "icmp-errors-by-name", change: beforeDrop("icmp type { destination-unreachable, time-exceeded } accept") },
  {
    name: "closed-bridge",
    change: also("table bridge filter { chain f { type filter hook forward priority 0; policy drop; }\n}"),
  },
  {
    name: "untracked-elsewhere",
    change: also("table ip raw { chain pre { type filter hook prerouting priority raw; udp dport 53 notrack; }\n}"),
  },
];
