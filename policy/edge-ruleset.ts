import { PORTS } from "./deployment";
import { EDGE_ACCOUNTS, type EdgeAccounts } from "./edge-accounts";
import type { Site } from "./site";

/** The table that holds all of the device's rules. */
export const EDGE_TABLE = "dmz";

/** Sets that the device fills with the addresses of the broker's name, as resolved; elements age out after an hour. */
export const BROKER_SETS = { ipv4: "broker4", ipv6: "broker6" } as const;

/**
 * The firewall of an edge device as nftables text, derived from the site's declaration: the one place where its rules are
 * made. Nothing comes in but what promise P2 lists; each account reaches what it needs and nothing else. Loaded as one
 * transaction: what does not parse changes nothing, and the device then stays off the network.
 *
 * Protocols, ports and ICMP types are numbers wherever nft would look a name up in a file that a minimal device lacks.
 *
 * @param site whose broker the agent may reach; its addresses are filled in on the device, since a name's addresses change
 * @param accounts of the host, where the agent runs beside other software @default the image's own
 */
export const edgeRuleset = (site: Pick<Site, "name" | "host">, accounts: EdgeAccounts = EDGE_ACCOUNTS): string => {
  const ports = `{ ${PORTS.https}, ${PORTS.mqtt} }`;
  return `#!/usr/sbin/nft -f
# Firewall of the edge devices of site ${site.name}, derived from its declaration. Do not edit: change the site, build again.
flush ruleset

table inet ${EDGE_TABLE} {
  # The addresses of ${site.host}, renewed every half minute.
  set ${BROKER_SETS.ipv4} { type ipv4_addr; flags timeout; timeout 1h; }
  set ${BROKER_SETS.ipv6} { type ipv6_addr; flags timeout; timeout 1h; }

  chain input {
    type filter hook input priority filter; policy drop;
    iif "lo" counter accept comment "loopback: RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3"
    # Conntrack calls a redirect related to the flow it quotes: it must not get that far.
    icmp type 5 counter drop comment "no redirects: RFC 1122 section 3.2.2.2"
    icmpv6 type 137 counter drop comment "no redirects: RFC 4861 section 8"
    ct state invalid counter drop
    ct state established,related counter accept comment "replies and ICMP errors: RFC 9293, RFC 1122 section 3.2.2.1, RFC 4443 section 3"
    icmpv6 type { 135, 136 } icmpv6 code 0 ip6 hoplimit 255 counter accept comment "neighbour discovery: RFC 4861 section 7.1"
    icmpv6 type 134 icmpv6 code 0 ip6 hoplimit 255 ip6 saddr fe80::/10 counter accept comment "router advertisement: RFC 4861 section 6.1.2"
    icmpv6 type 130 ip6 hoplimit 1 ip6 saddr fe80::/10 counter accept comment "multicast listener query: RFC 3810 section 5.1.14"
    ip6 saddr fe80::/10 ip6 daddr fe80::/10 udp sport 547 udp dport 546 counter accept comment "DHCPv6 reply: RFC 8415 section 7.2"
    # DHCPv4 needs no rule: networkd reads broadcasts from a packet socket (RFC 2131 section 4.1) and renews by unicast.
    counter drop comment "everything else"
  }

  chain forward {
    type filter hook forward priority filter; policy drop;
    counter drop comment "a device is no router"
  }

  chain output {
    type filter hook output priority filter; policy drop;
    oif "lo" counter accept comment "loopback"
    ct state invalid counter drop
    ct state established,related counter accept comment "the rest of a flow that was let out: RFC 9293"
    meta skuid ${accounts.agent} ip daddr @${BROKER_SETS.ipv4} tcp dport ${ports} counter accept comment "agent to the broker"
    meta skuid ${accounts.agent} ip6 daddr @${BROKER_SETS.ipv6} tcp dport ${ports} counter accept comment "agent to the broker"
    meta skuid ${accounts.resolver} meta l4proto { 6, 17 } th dport 53 counter accept comment "DNS: RFC 1035 section 4.2"
    meta skuid ${accounts.time} udp dport 123 counter accept comment "NTP: RFC 5905 section 7.2"
    meta skuid ${accounts.network} meta nfproto ipv4 udp sport 68 udp dport 67 counter accept comment "DHCPv4 renewal: RFC 2131 section 4.4.5"
    meta skuid ${accounts.network} ip6 daddr { fe80::/10, ff02::1:2 } udp sport 546 udp dport 547 counter accept comment "DHCPv6: RFC 8415 section 7.1"
    icmpv6 type { 133, 135, 136 } icmpv6 code 0 ip6 hoplimit 255 counter accept comment "neighbour discovery: RFC 4861 section 4"
    icmpv6 type 143 ip6 hoplimit 1 counter accept comment "multicast listener report: RFC 3810 section 5.2"
    # An answer rather than silence: the sender is on this device, and its error then says why.
    counter reject with icmpx admin-prohibited comment "everything else"
  }
}
`;
};
