import type { Property, Verdict } from "../verdict";
import type { EdgeFirewall } from "./edge-firewall";
import { judge } from "./judge";
import { across, bridged } from "./ways";

export const nothingPassesThrough: Property<EdgeFirewall> = {
  id: "edge-forwards-nothing",
  what: "The device forwards no packet that belongs to no flow that it let through before, neither as a router nor as a bridge.",
  why: "A gateway stands in two networks: what it forwards joins the machines behind it to the one in front.",
  promises: ["P2"],
  controls: ["M0930", "M0937", "SR 5.1", "AC-3"],
  check: ({ ruleset }) => {
    const common = { ruleset, source: "anybody who reaches an interface of the device", allowed: [] };
    const routed = judge({
      ...common,
      way: () => across(ruleset),
      end: { at: "device", says: "every base chain on the way forwards it" },
      says: "no packet is forwarded",
    });
    // Whether the device has a bridge is not in its ruleset; where bridging is mentioned, it must be closed, too.
    if (![...ruleset.chains.values()].some(({ family }) => family === "bridge")) return routed;
    const between = judge({
      ...common,
      way: () => bridged(ruleset),
      end: { at: "bridge", says: "every base chain of the bridge family lets it pass to another port" },
      says: "no packet is forwarded, nor bridged",
    });
    const worst = (answer: Verdict["answer"]): Verdict | undefined =>
      [routed, between].find((each) => each.answer === answer);
    return worst("VIOLATED") ?? worst("UNPROVEN") ?? between;
  },
};
