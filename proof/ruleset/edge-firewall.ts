import type { Ruleset } from "./ruleset";

/** Something that the device may start by itself. */
export interface DeclaredOutbound {
  /** As a reader calls it: `agent to the broker`. */
  readonly name: string;
  /** The account whose sockets alone may; undefined: also the kernel itself, which has none. */
  readonly account?: number;
  readonly protocols: readonly ("tcp" | "udp")[];
  readonly ports: readonly number[];
  /** Named sets of the ruleset that hold the only destinations. @default any destination */
  readonly to?: { readonly table: string; readonly ipv4?: string; readonly ipv6?: string };
}

/** What the properties of an edge device's firewall look at. */
export interface EdgeFirewall {
  readonly ruleset: Ruleset;
  readonly outbound: readonly DeclaredOutbound[];
  /** The one way in of a debug session (promise P7): a port on the tunnel's interface. @default none */
  readonly debug?: { readonly interface: string; readonly port: number };
}
