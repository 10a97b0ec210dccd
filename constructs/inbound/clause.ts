import type { BrokerFirewall } from "../broker-firewall";
import type { Zone } from "../../policy/conduits";
import type { SynthesizedResource } from "./synthesized-resource";

/** A declared security group: which zone it guards, and whose. */
export interface ZoneGroup {
  readonly zone: Zone;
  readonly firewall: BrokerFirewall;
}

/** The declared security groups by the expression that refers to them, `${aws_security_group.<id>.id}`. */
export type ZoneGroups = ReadonlyMap<string, ZoneGroup>;

/** The two sorts of a DMZ's subnets: with a route to the internet, and without. */
export type SubnetKind = "public" | "broker";

/** What the constructs of a stack declare; all that a resource wears, stands in or is routed by must be among it. */
export interface Declared {
  readonly groups: ZoneGroups;
  /** By expression, `${aws_subnet.<id>.id}`. */
  readonly subnets: ReadonlyMap<string, SubnetKind>;
  /** The one route table of a subnet, expression by expression. */
  readonly routeTableOf: ReadonlyMap<string, string>;
  /** Expressions of the route tables that may lead to the internet. */
  readonly publicRouteTables: ReadonlySet<string>;
}

/** One clause of the inbound rule: the faults of one resource, each with its path, rule, value and fix. */
export type Clause = (resource: SynthesizedResource, declared: Declared) => string[];

/** Words a fault the same way everywhere. */
export const fault = (path: string, attribute: string, rule: string, value: unknown, fix: string): string =>
  `${path}: '${attribute}' ${rule}, got ${shown(value)}: ${fix}`;

const shown = (value: unknown): string => (typeof value === "string" ? `'${value}'` : JSON.stringify(value));
