import type { Property } from "../verdict";
import type { EdgeFirewall } from "./edge-firewall";
import { outboundExceptions } from "./exceptions";
import { judge } from "./judge";
import { outwards } from "./ways";

export const onlyDeclaredGoesOut: Property<EdgeFirewall> = {
  id: "edge-sends-only-what-is-declared",
  what: "The device starts no flow but those that are declared, each from its own account, and what IP itself needs.",
  why: "Whoever takes over one program on a device must not reach the plant's network or the internet from there.",
  promises: ["P2"],
  controls: ["M0937", "M0935", "SR 5.1", "SC-7"],
  check: (firewall) =>
    judge({
      ruleset: firewall.ruleset,
      source: "any program on the device",
      way: () => outwards(firewall.ruleset),
      allowed: outboundExceptions(firewall),
      asSent: true,
      end: { at: "network", says: "every base chain on the way lets it out" },
      says: "nothing leaves but what is declared",
    }),
};
