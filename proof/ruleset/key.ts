import { type Field, NFPROTO, NO_SOCKET, STATE } from "./fields";
import { IntervalSet } from "../interval-set";
import { type Region, region } from "./packets";
import type { Json, JsonObject } from "./ruleset";

/** The left side of a match: which field it looks at, and what a packet must be to have that field at all. */
export interface Key {
  readonly field: Field;
  readonly needs: Region;
  readonly mask?: Json;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const V4 = { nfproto: IntervalSet.just(NFPROTO.ipv4) };
const V6 = { nfproto: IntervalSet.just(NFPROTO.ipv6) };

/** Only a packet's first fragment has its transport header (nftables: payload expressions break on the others). */
const transport = (protocol?: number): Region =>
  region({
    "later-fragment": IntervalSet.just(0),
    ...(protocol === undefined ? {} : { l4proto: IntervalSet.just(protocol) }),
  });

const TRANSPORT: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  dccp: 33,
  sctp: 132,
  udplite: 136,
  icmp: 1,
  icmpv6: 58,
};
const PORTS = new Set(["tcp", "udp", "dccp", "sctp", "udplite", "th"]);

/** @returns undefined for a header field that is not modelled. */
export const payloadKey = (protocol: string, name: string): Key | undefined => {
  if (PORTS.has(protocol) && (name === "sport" || name === "dport"))
    return { field: name, needs: transport(TRANSPORT[protocol]) };
  const field = `${protocol} ${name}`;
  if (Object.hasOwn(TRANSPORT, protocol)) {
    const needs = new Map(transport(TRANSPORT[protocol]));
    // nft asks for the family, too: shown by `nft --debug=netlink`.
    if (protocol === "icmp") needs.set("nfproto", V4.nfproto);
    if (protocol === "icmpv6") needs.set("nfproto", V6.nfproto);
    return { field, needs };
  }
  if (protocol === "ip") return { field: name === "protocol" ? "l4proto" : field, needs: region(V4) };
  // The next header is the transport's only when no extension header stands between.
  if (protocol === "ip6") return name === "nexthdr" ? undefined : { field, needs: region(V6) };
  if (protocol === "ether" && name === "type") return { field: "nfproto", needs: region({}) };
  if (protocol === "arp") return { field, needs: region({ nfproto: IntervalSet.just(NFPROTO.arp) }) };
  return undefined;
};

const META: Readonly<Record<string, Key>> = {
  iif: { field: "iifname", needs: region({}) },
  iifname: { field: "iifname", needs: region({}) },
  oif: { field: "oifname", needs: region({}) },
  oifname: { field: "oifname", needs: region({}) },
  nfproto: { field: "nfproto", needs: region({}) },
  protocol: { field: "nfproto", needs: region({}) },
  l4proto: { field: "l4proto", needs: region({}) },
  pkttype: { field: "pkttype", needs: region({}) },
  skuid: { field: "skuid", needs: region({ skuid: IntervalSet.range(0, NO_SOCKET - 1n) }) },
  skgid: { field: "skgid", needs: region({ skgid: IntervalSet.range(0, NO_SOCKET - 1n) }) },
};

const ctKey = (ct: JsonObject): Key | undefined => {
  if (ct["dir"] !== undefined) return undefined;
  if (ct["key"] === "state") return { field: "state", needs: region({}) };
  // What conntrack does not know has no direction.
  if (ct["key"] === "direction")
    return {
      field: "direction",
      needs: region({ state: IntervalSet.just(STATE.new, STATE.established, STATE.related) }),
    };
  return undefined;
};

/**
 * @param tracked whether conntrack has seen the packet by then: before, its state says nothing.
 * @returns undefined when the expression is not modelled.
 */
export const keyOf = (left: Json | undefined, tracked: boolean): Key | undefined => {
  if (!isObject(left)) return undefined;
  const { payload, meta, ct, exthdr } = left;
  const masked = left["&"];
  if (Array.isArray(masked) && masked.length === 2) {
    const [inner, mask] = masked as unknown as readonly [Json, Json];
    const key = keyOf(inner, tracked);
    return key === undefined || key.mask !== undefined ? undefined : { ...key, mask };
  }
  if (isObject(payload) && typeof payload["protocol"] === "string" && typeof payload["field"] === "string")
    return payloadKey(payload["protocol"], payload["field"]);
  if (isObject(meta) && typeof meta["key"] === "string" && Object.hasOwn(META, meta["key"])) return META[meta["key"]];
  if (isObject(ct) && tracked) return ctKey(ct);
  if (isObject(exthdr) && exthdr["name"] === "frag" && exthdr["field"] === undefined)
    return { field: "fragment", needs: region(V6) };
  return undefined;
};
