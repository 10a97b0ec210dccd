import { PORTS } from "../../policy/deployment";
import { EDGE_ACCOUNTS, type EdgeAccounts } from "../../policy/edge-accounts";
import { BROKER_SETS, EDGE_TABLE } from "../../policy/edge-ruleset";
import type { EdgeFirewall } from "./edge-firewall";
import type { Ruleset } from "./ruleset";

/**
 * A ruleset with all that an edge device of a site may start by itself. What goes where is said here a second time, in
 * other words than the rules of `edgeRuleset`: it is what they are held to.
 *
 * @param accounts of the host, where the agent runs beside other software @default the image's own
 */
export const declaredFirewall = (ruleset: Ruleset, accounts: EdgeAccounts = EDGE_ACCOUNTS): EdgeFirewall => ({
  ruleset,
  outbound: [
    {
      name: "agent to the broker",
      account: accounts.agent,
      protocols: ["tcp"],
      ports: Object.values(PORTS),
      to: { table: EDGE_TABLE, ...BROKER_SETS },
    },
    // RFC 1035, section 4.2.
    { name: "resolver", account: accounts.resolver, protocols: ["tcp", "udp"], ports: [53] },
    // RFC 5905, section 7.2.
    { name: "time", account: accounts.time, protocols: ["udp"], ports: [123] },
  ],
});
