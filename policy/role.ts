import type { RoleGrants } from "./access-document";
import type { Fault } from "./fault";

/** The role templates; `"raw"` marks filters written by hand, `"operator"` alone may read `$SYS`. */
export const ROLE_TEMPLATES = [
  "sparkplug-edge-node",
  "sparkplug-host",
  "telemetry-device",
  "consumer",
  "operator",
  "updater",
  "raw",
] as const;

/** A role as a user writes it: `sparkplugEdgeNode({ group: "line1" })`. Resolved against the site's name. */
export interface Role {
  /** Unique per distinct set of grants; key in the access document: the template's word, or `<template>:<parameters>`. */
  readonly id: string;
  readonly template: (typeof ROLE_TEMPLATES)[number];
  /** May use `{id}` as one whole level of a filter. Not called while `faults` holds any. */
  readonly grants: (site: string) => RoleGrants;
  /**
   * Those subscribe filters without `{id}` that every edge identity of the role reads alike, such as Sparkplug's STATE.
   * They may reach no topic that an edge identity writes, or reads for its own. @default none
   */
  readonly sharedReads?: (site: string) => readonly string[];
  /** What is wrong with the template's parameters, paths relative to the role; `defineSite` reports them. @default none */
  readonly faults?: readonly Fault[];
}

/** A role's filters in one site: a `Role` is asked for them once, and what it said then is what holds. */
export interface ResolvedRole {
  readonly id: string;
  readonly template: Role["template"];
  readonly grants: RoleGrants;
  readonly sharedReads: readonly string[];
}
