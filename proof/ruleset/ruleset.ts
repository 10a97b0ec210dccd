import type { Step } from "../verdict";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

export type Family = "inet" | "ip" | "ip6" | "bridge" | "netdev" | "arp";

/** `at` is how a reason or a counterexample names it: `inet dmz input rule 3 (handle 12)`. */
export interface Rule {
  readonly at: string;
  readonly expr: readonly JsonObject[];
}

export interface Chain {
  readonly at: string;
  readonly family: Family;
  readonly table: string;
  readonly name: string;
  /** Undefined: no base chain, reached by jumps alone. */
  readonly hook?: {
    readonly name: string;
    readonly type: string;
    readonly priority: number;
    readonly policy: "accept" | "drop";
  };
  readonly rules: readonly Rule[];
}

/** A named set or map. */
export interface NamedSet {
  readonly family: Family;
  readonly table: string;
  readonly name: string;
  /** Type of its keys, such as `ipv4_addr`. */
  readonly type: Json;
  /** What is in it changes while the ruleset stays: elements time out, or rules or programs add some. */
  readonly changes: boolean;
  readonly elements: readonly Json[];
}

/** `nft -j list ruleset`, read. Keys of the maps: `<family> <table> <name>`. */
export interface Ruleset {
  readonly chains: ReadonlyMap<string, Chain>;
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Objects of a kind that is not modelled and that could let a packet through. */
  readonly unread: readonly Step[];
  /** Number of rules, for the count of facts. */
  readonly rules: number;
}
