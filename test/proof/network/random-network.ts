import fc from "fast-check";

/** A small network in plain words, from which a test makes facts, and a simulation walks packets. */
export interface Plan {
  /** Subnet 0 has the internet gateway in its table if `wayOut`, likewise subnet 1. */
  readonly subnets: readonly PlanSubnet[];
  readonly hosts: readonly PlanHost[];
  readonly groups: readonly PlanGroup[];
  readonly hasGateway: boolean;
}

export interface PlanSubnet {
  readonly routes: readonly PlanRoute[];
  /** Undefined: the VPC's default ACL, which lets everything pass. */
  readonly acl: { readonly ingress: readonly PlanAclRule[]; readonly egress: readonly PlanAclRule[] } | undefined;
}

export interface PlanRoute {
  readonly cidr: string;
  readonly to: "gateway" | "nat" | "peering";
}

export interface PlanAclRule {
  readonly number: number;
  readonly allow: boolean;
  readonly protocol: "-1" | "tcp" | "udp" | "icmp";
  readonly from: number;
  readonly to: number;
  readonly cidr: string;
}

export interface PlanGroupRule {
  readonly protocol: "-1" | "tcp" | "udp";
  readonly from: number;
  readonly to: number;
  readonly cidr: string | undefined;
  /** Index of a group. */
  readonly group: number | undefined;
}

export interface PlanGroup {
  readonly ingress: readonly PlanGroupRule[];
  readonly egress: readonly PlanGroupRule[];
}

export interface PlanHost {
  readonly subnet: number;
  readonly groups: readonly number[];
  readonly isPublic: boolean;
}

/** Ranges that cut through each other, the VPC's own parts among them. */
export const CIDRS = [
  "0.0.0.0/0",
  "0.0.0.0/1",
  "128.0.0.0/1",
  "198.51.100.0/24",
  "198.51.100.128/25",
  "8.0.0.0/7",
  "10.0.0.0/8",
  "10.0.0.0/16",
  "10.0.0.0/24",
  "10.0.1.0/24",
  "10.0.0.8/29",
] as const;
/** Ends of port ranges: small numbers of them, so that rules meet. */
const PORTS = [0, 22, 23, 80, 443, 1023, 1024, 5000, 65535] as const;

const range = fc
  .tuple(fc.constantFrom(...PORTS), fc.constantFrom(...PORTS))
  .map(([one, other]) => ({ from: Math.min(one, other), to: Math.max(one, other) }));
const cidr = fc.constantFrom(...CIDRS);
const aclRule = fc
  .record({ allow: fc.boolean(), protocol: fc.constantFrom("-1", "tcp", "udp", "icmp"), range, cidr })
  .map(({ range: ports, ...rest }) => ({ ...rest, ...ports }) as Omit<PlanAclRule, "number">);
const aclRules = fc
  .array(aclRule, { maxLength: 4 })
  .map((rules) => rules.map((rule, index): PlanAclRule => ({ ...rule, number: (index + 1) * 10 })));
const groupRule = fc
  .record({
    protocol: fc.constantFrom("-1", "tcp", "udp"),
    range,
    cidr,
    group: fc.integer({ min: 0, max: 1 }),
    byGroup: fc.boolean(),
  })
  .map(({ range: ports, byGroup, cidr: text, group, protocol }): PlanGroupRule => ({
    protocol: protocol as PlanGroupRule["protocol"],
    ...ports,
    cidr: byGroup ? undefined : text,
    group: byGroup ? group : undefined,
  }));
const route = fc.record({
  cidr: fc.constantFrom("0.0.0.0/0", "0.0.0.0/1", "198.51.100.0/24", "8.0.0.0/7"),
  to: fc.constantFrom("gateway", "nat", "peering"),
});
const uniqueRoutes = fc.uniqueArray(route, { selector: (one) => one.cidr, maxLength: 3 }) as fc.Arbitrary<PlanRoute[]>;

export const networks: fc.Arbitrary<Plan> = fc.record({
  hasGateway: fc.integer({ min: 0, max: 4 }).map((one) => one > 0),
  subnets: fc.array(
    fc.record({
      routes: uniqueRoutes,
      acl: fc.option(fc.record({ ingress: aclRules, egress: aclRules }), { nil: undefined }),
    }),
    { minLength: 2, maxLength: 2 },
  ),
  groups: fc.array(
    fc.record({ ingress: fc.array(groupRule, { maxLength: 3 }), egress: fc.array(groupRule, { maxLength: 3 }) }),
    { minLength: 2, maxLength: 2 },
  ),
  hosts: fc.array(
    fc.record({
      subnet: fc.integer({ min: 0, max: 1 }),
      groups: fc.uniqueArray(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 2 }),
      isPublic: fc.boolean(),
    }),
    { minLength: 2, maxLength: 3 },
  ),
});
