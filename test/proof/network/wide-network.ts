import fc from "fast-check";

/**
 * A small network of both families with a load balancer, in plain words: a test makes facts of it, and a simulation walks
 * packets through it. VPC 10.0.0.0/16 and 2600:1f00:0:aa00::/56; subnet n is 10.0.n.0/24 and 2600:1f00:0:aa0n::/64.
 */
export interface WideNetwork {
  readonly hasGateway: boolean;
  readonly hasEgressOnly: boolean;
  readonly subnets: readonly WideSubnet[];
  readonly groups: readonly WideGroup[];
  readonly hosts: readonly WideHost[];
  readonly balancer: WideBalancer;
}

export interface WideSubnet {
  readonly families: "4" | "6" | "46";
  /** The VPC's main table, written as its default one, holds the routes of the first such subnet. */
  readonly usesMain: boolean;
  readonly routes: readonly WideRoute[];
  readonly separateRoutes: boolean;
  /** Undefined: the VPC's default ACL, which lets everything pass. */
  readonly acl: { readonly ingress: readonly WideAclRule[]; readonly egress: readonly WideAclRule[] } | undefined;
  readonly separateAcl: boolean;
}

export interface WideRoute {
  readonly cidr: string;
  readonly to: "gateway" | "egress-only" | "nat" | "peering";
}

export type Protocol = "all" | "tcp" | "udp" | "icmp" | "icmpv6";

/** Ports; of ICMP type and code, -1 for any. */
export interface WideTraffic {
  readonly protocol: Protocol;
  /** Whether the protocol is written as its number. */
  readonly byNumber: boolean;
  readonly from: number;
  readonly to: number;
  readonly type: number;
  readonly code: number;
}

export interface WideAclRule extends WideTraffic {
  readonly number: number;
  readonly allow: boolean;
  readonly cidr: string;
}

export interface WideGroupRule extends WideTraffic {
  /** Ranges, or the index of a group. */
  readonly peer: { readonly cidrs: readonly string[] } | { readonly group: number };
  /** How it is written: in the group, as a resource of either kind, or with a prefix list. */
  readonly form: "inline" | "separate" | "older" | "list";
}

export interface WideGroup {
  readonly ingress: readonly WideGroupRule[];
  readonly egress: readonly WideGroupRule[];
}

export interface WideHost {
  readonly subnet: number;
  readonly groups: readonly number[];
  readonly publicAddress: "none" | "asked" | "elastic";
  /** Its interface is a resource of its own. */
  readonly separateInterface: boolean;
}

export interface WideBalancer {
  readonly kind: "network" | "application";
  readonly isInternal: boolean;
  readonly isDual: boolean;
  /** Of subnets that have IPv4. */
  readonly subnets: readonly number[];
  /** Empty: none if it is a network one, the VPC's default group otherwise. */
  readonly groups: readonly number[];
  readonly listeners: readonly { readonly port: number; readonly protocol: string; readonly group: number }[];
  readonly targetGroups: readonly WideTargetGroup[];
}

export interface WideTargetGroup {
  readonly type: "instance" | "ip";
  readonly protocol: string;
  readonly port: number;
  readonly keepsClient: boolean | undefined;
  readonly healthPort: number | undefined;
  readonly family: "4" | "6";
  readonly targets: readonly { readonly host: number; readonly port: number | undefined }[];
}

export const V4_CIDRS = [
  "0.0.0.0/0",
  "128.0.0.0/1",
  "198.51.100.128/25",
  "8.0.0.0/7",
  "10.0.0.0/16",
  "10.0.1.0/24",
  "10.0.0.8/29",
  "10.9.0.0/16",
] as const;
export const V6_CIDRS = [
  "::/0",
  "2000::/3",
  "2a00::/12",
  "2600:1f00:0:aa00::/56",
  "2600:1f00:0:aa01::/64",
  "2600:1f00:0:aa00::8/125",
  "2600:1f00:0:bb00::/56",
  "64:ff9b::/96",
] as const;
const PORTS = [0, 22, 80, 443, 1023, 1024, 5000, 65535] as const;
const one = <Item>(...items: readonly Item[]) => fc.constantFrom(...items);

const traffic = fc
  .record({
    protocol: one<Protocol>("all", "all", "tcp", "tcp", "udp", "icmp", "icmpv6"),
    byNumber: fc.boolean(),
    ends: fc.tuple(one(...PORTS), one(...PORTS)),
    type: one(-1, 0, 8, 128),
    code: one(-1, -1, 0, 1),
  })
  .map(({ ends, type, code, ...rest }) => ({
    ...rest,
    from: Math.min(...ends),
    to: Math.max(...ends),
    type,
    // AWS takes no code without a type.
    code: type < 0 ? -1 : code,
  }));
const cidr = one<string>(...V4_CIDRS, ...V6_CIDRS);
const aclRules = fc
  .array(fc.tuple(traffic, fc.record({ allow: one(true, true, false), cidr })), { maxLength: 5 })
  .map((rules) => rules.map(([about, rest], index): WideAclRule => ({ ...about, ...rest, number: 10 + index * 10 })));
const groupRule: fc.Arbitrary<WideGroupRule> = fc
  .record({
    about: traffic,
    group: one(0, 1),
    cidrs: fc.uniqueArray(cidr, { minLength: 1, maxLength: 2 }),
    form: one<WideGroupRule["form"]>("inline", "separate", "older", "list"),
    byGroup: one(true, false, false),
  })
  .map(({ about, group, cidrs, form, byGroup }) => ({ ...about, form, peer: byGroup ? { group } : { cidrs } }));
const route: fc.Arbitrary<WideRoute> = fc.oneof(
  fc.record({
    cidr: one("0.0.0.0/0", "0.0.0.0/1", "198.51.100.0/24", "10.9.0.0/16"),
    to: one<WideRoute["to"]>("gateway", "gateway", "nat", "peering"),
  }),
  fc.record({
    cidr: one("::/0", "2a00::/12", "2600:1f00:0:bb00::/56"),
    to: one<WideRoute["to"]>("gateway", "gateway", "egress-only", "peering"),
  }),
  fc.constant<WideRoute>({ cidr: "64:ff9b::/96", to: "nat" }),
);
const groups = (minLength: number) => fc.uniqueArray(one(0, 1), { minLength, maxLength: 2 });

const balancer = (hosts: number): fc.Arbitrary<WideBalancer> =>
  one<WideBalancer["kind"]>("network", "network", "application").chain((kind) => {
    const protocols = kind === "network" ? one("TCP", "TCP", "TLS", "UDP", "TCP_UDP") : one("HTTP", "HTTPS");
    return fc.record({
      kind: fc.constant(kind),
      isInternal: one(false, false, true),
      isDual: one(true, true, false),
      subnets: fc.uniqueArray(one(0, 1), { minLength: 1, maxLength: 2 }),
      groups: groups(0),
      listeners: fc.uniqueArray(fc.record({ port: one(80, 443, 5000), protocol: protocols, group: one(0, 1) }), {
        selector: ({ port }) => port,
        minLength: 1,
        maxLength: 2,
      }),
      targetGroups: fc.array(
        fc.record({
          type: one<WideTargetGroup["type"]>("instance", "ip"),
          protocol: protocols,
          port: one(80, 443, 1024),
          keepsClient: one(undefined, true, false),
          healthPort: one(undefined, 22, 1023),
          family: one<WideTargetGroup["family"]>("4", "6"),
          targets: fc.uniqueArray(
            fc.record({ host: fc.integer({ min: 0, max: hosts - 1 }), port: one(undefined, 5000) }),
            { selector: ({ host }) => host, maxLength: 2 },
          ),
        }),
        { minLength: 2, maxLength: 2 },
      ),
    });
  });

export const wideNetworks: fc.Arbitrary<WideNetwork> = fc.record({
  hasGateway: one(true, true, true, false),
  hasEgressOnly: fc.boolean(),
  subnets: fc.tuple(subnet(one("4", "46", "46")), subnet(one("4", "46", "46")), subnet(fc.constant("6" as const))),
  groups: fc.array(
    fc.record({ ingress: fc.array(groupRule, { maxLength: 4 }), egress: fc.array(groupRule, { maxLength: 4 }) }),
    { minLength: 2, maxLength: 2 },
  ),
  hosts: fc.array(
    fc.record({
      subnet: one(0, 1, 2),
      groups: groups(1),
      publicAddress: one<WideHost["publicAddress"]>("none", "asked", "elastic"),
      separateInterface: one(false, false, true),
    }),
    { minLength: 3, maxLength: 3 },
  ),
  balancer: balancer(3),
});

function subnet(families: fc.Arbitrary<WideSubnet["families"]>): fc.Arbitrary<WideSubnet> {
  return fc.record({
    families,
    usesMain: one(false, false, true),
    routes: fc.uniqueArray(route, { selector: ({ cidr: destination }) => destination, maxLength: 5 }),
    separateRoutes: fc.boolean(),
    acl: fc.option(fc.record({ ingress: aclRules, egress: aclRules }), { nil: undefined }),
    separateAcl: fc.boolean(),
  });
}

/** Where something stands: host n at ...(8 + n), the load balancer at ...200. */
export const v4Of = (subnet: number, last: number): string => `10.0.${subnet}.${last}`;
export const v6Of = (subnet: number, last: number): string => `2600:1f00:0:aa0${subnet}::${last.toString(16)}`;
export const HOST = 8;
export const BALANCER = 200;
