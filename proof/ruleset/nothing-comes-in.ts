import type { Property } from "../verdict";
import type { EdgeFirewall } from "./edge-firewall";
import { inboundExceptions } from "./exceptions";
import { judge } from "./judge";
import { inwards } from "./ways";

export const nothingComesIn: Property<EdgeFirewall> = {
  id: "edge-accepts-no-new-inbound-packet",
  what: "On every interface but loopback the device takes no packet that belongs to no flow of its own, but for the exceptions of IP itself and a debug session's one port.",
  why: "What cannot be reached cannot be attacked: devices in the field outlive their patches.",
  promises: ["P2"],
  controls: ["M0937", "M0935", "SR 5.1", "SC-7"],
  check: (firewall) =>
    judge({
      ruleset: firewall.ruleset,
      source: "anybody who reaches an interface of the device",
      way: () => inwards(firewall.ruleset),
      allowed: inboundExceptions(firewall),
      end: { at: "device", says: "every base chain on the way lets it in" },
      says: "no base chain lets a new packet in but by an exception",
    }),
};
