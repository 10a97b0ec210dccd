import type { BrokerFirewall } from "../broker-firewall";
import type { Zone } from "../conduits";
import type { SynthesizedResource } from "./synthesized-resource";

/** A declared security group: which zone it guards, and whose. */
export interface ZoneGroup {
  readonly zone: Zone;
  readonly firewall: BrokerFirewall;
}

/** The declared security groups by the expression that refers to them, `${aws_security_group.<id>.id}`. */
export type ZoneGroups = ReadonlyMap<string, ZoneGroup>;

/** One clause of the inbound rule: the faults of one resource, each with its path, rule, value and fix. */
export type Clause = (resource: SynthesizedResource, groups: ZoneGroups) => string[];

/** Words a fault the same way everywhere. */
export const fault = (path: string, attribute: string, rule: string, value: unknown, fix: string): string =>
  `${path}: '${attribute}' ${rule}, got ${shown(value)}: ${fix}`;

const shown = (value: unknown): string => (typeof value === "string" ? `'${value}'` : JSON.stringify(value));
