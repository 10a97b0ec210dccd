import type { Step } from "../verdict";
import type { HeaderSet } from "./header-set";
import type { IntervalSet } from "../interval-set";

/** A rule of a security group. */
export interface GroupRule {
  readonly at: string;
  readonly says: string;
  readonly protocol: IntervalSet;
  readonly port: IntervalSet;
  /** Peers by address. */
  readonly ranges: IntervalSet;
  /** Peers by the groups that they wear. */
  readonly groups: ReadonlySet<string>;
}

export interface Group {
  readonly address: string;
  readonly vpc: string | undefined;
  readonly ingress: readonly GroupRule[];
  readonly egress: readonly GroupRule[];
}

export interface AclRule {
  readonly at: string;
  readonly says: string;
  readonly number: number;
  readonly allow: boolean;
  readonly protocol: IntervalSet;
  readonly port: IntervalSet;
  /** What may be in its range, and what surely is: they differ by the addresses that AWS alone knows. */
  readonly may: IntervalSet;
  readonly must: IntervalSet;
}

export interface Acl {
  readonly address: string;
  /** In order of their numbers; what no rule matches is denied. */
  readonly ingress: readonly AclRule[];
  readonly egress: readonly AclRule[];
}

export type TargetKind =
  | "local"
  | "internet-gateway"
  | "egress-only-gateway"
  | "nat-gateway"
  | "peering"
  | "transit-gateway"
  | "vpn-gateway"
  | "interface"
  | "gateway-endpoint"
  | "nowhere";

export interface Route {
  readonly at: string;
  readonly says: string;
  readonly may: IntervalSet;
  readonly must: IntervalSet;
  /** Of the prefix; the longest matching one decides. */
  readonly length: number;
  readonly target: TargetKind;
  /** Of the gateway and the like. */
  readonly to: string;
}

export interface RouteTable {
  readonly address: string;
  readonly routes: readonly Route[];
}

export interface Subnet {
  readonly address: string;
  readonly vpc: string;
  readonly v4: IntervalSet;
  /** All of global unicast, if AWS chooses the range. */
  readonly v6: IntervalSet;
  readonly acl: Acl;
  readonly table: RouteTable;
  readonly publicByDefault: boolean;
  readonly v6ByDefault: boolean;
}

/** Another network from which packets come into a VPC, and into which they go. */
export interface Link {
  readonly kind: "peering" | "transit-gateway" | "vpn-gateway";
  readonly address: string;
  /** What is attached, and by what: the first hop of a way in. */
  readonly attached: Step;
  /** Source addresses that can come over it. */
  readonly sources: IntervalSet;
}

export interface Vpc {
  readonly address: string;
  readonly v4: IntervalSet;
  readonly v6: IntervalSet;
  readonly internetGateway: Step | undefined;
  readonly links: readonly Link[];
}

/** The zones of the site's conduits; `other` is what the site does not have. */
export type NodeZone = "load-balancer" | "tasks" | "endpoints" | "store" | "other";

/** One network interface, or all alike of one resource, in one subnet. */
export interface NetworkNode {
  readonly at: string;
  readonly zone: NodeZone;
  readonly subnet: Subnet;
  /** Groups it wears; `unfiltered`: a network load balancer without any. */
  readonly groups: readonly Group[] | "unfiltered";
  readonly v4: IntervalSet;
  readonly v6: IntervalSet;
  /** What gives it a public IPv4 address. Undefined: it has none. */
  readonly publicAddress: Step | undefined;
  /** Whether strangers may find it by IPv6. */
  readonly publicV6: Step | undefined;
  /** New connections that it takes at all, with the listener that does. */
  readonly accepts: readonly Listener[] | "anything";
  /** Where it opens connections to. A load balancer does to its targets alone. */
  readonly initiates: "anything" | "nothing" | readonly Passing[];
}

export interface Listener {
  readonly at: string;
  readonly says: string;
  readonly accepts: HeaderSet;
}

/** A load balancer passes connections on to a target. */
export interface Passing {
  readonly listener: string;
  readonly targetGroup: string;
  /** Address of the resource that is the target. Undefined: whatever has one of the addresses. */
  readonly target: string | undefined;
  /** Of one family, since a target group has one; of a target that is named by its address, that one. */
  readonly addresses: IntervalSet;
  readonly protocol: IntervalSet;
  readonly port: IntervalSet;
  /** Whether the target sees the client's address, and filters by it. */
  readonly keepsClient: boolean;
}

/** A door that AWS keeps open on the internet for a resource that stands in no subnet. */
export interface Socket {
  readonly at: string;
  readonly says: string;
  readonly protocol: IntervalSet;
  readonly port: IntervalSet;
}

/** A network as it will be. */
export interface Network {
  readonly vpcs: ReadonlyMap<string, Vpc>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly nodes: readonly NetworkNode[];
  readonly sockets: readonly Socket[];
  /** Load balancers that an endpoint service offers to other networks. */
  readonly offered: readonly { readonly loadBalancer: string; readonly attached: Step; readonly filtered: boolean }[];
  readonly nat: ReadonlyMap<string, { readonly subnet: Subnet | undefined; readonly isPublic: boolean }>;
  /** What was not understood: while there is any, no network property is PROVEN. */
  readonly doubts: readonly Step[];
  /** How many resources the model was made of. */
  readonly resources: number;
}
