import type { Counterexample, Property } from "../verdict";
import { INTERNET } from "./addresses";
import { carries } from "./carries";
import { show } from "./flow";
import { HeaderSet } from "./header-set";
import { IntervalSet } from "../interval-set";
import { judge, type NetworkInput } from "./network-input";
import { protocolSet, TCP } from "./protocols";
import { countText } from "../report/number-text";

/** Promise P1. Also holds somebody else's stack to the ports that they name. */
export const internetReachesExactly: Property<NetworkInput> = {
  id: "internet-reaches-exactly",
  what: "From the internet, exactly the declared tcp ports are reachable, over IPv4 and IPv6, and nothing else.",
  why: "Every other open port is one more thing to attack, and one that nobody watches.",
  promises: ["P1"],
  controls: ["PR.AC-5", "PR.PT-4", "M0937", "IEC 62443-3-3 SR 5.2", "SC-7"],
  check: ({ network, expose, flows }) => {
    const ports = IntervalSet.ofNumbers(...expose.map((port) => [port, port] as const));
    const declared = HeaderSet.of({ protocol: protocolSet(TCP), port: ports });
    const strangers = HeaderSet.of({ source: INTERNET });
    const reached = [...flows.internet, ...flows.links].map((flow) => ({ flow, set: flow.set.intersect(strangers) }));
    const violations = reached.flatMap(({ flow, set }) => {
      const open = set.subtract(declared);
      return open.isEmpty ? [] : [show({ ...flow, fromZone: "internet" }, open)];
    });
    const missing = expose
      .filter((port) => !reached.some((way) => carries(way, port)))
      .map((port): Counterexample => ({
        source: "the internet",
        target: `tcp ${port}`,
        path: [{ at: "the network", says: `nobody on the internet reaches tcp ${port}, which is declared to be open` }],
      }));
    const checked = network.nodes.length + network.sockets.length;
    const open = expose.length === 0 ? "nothing" : `tcp ${expose.join(" and ")}, and nothing else`;
    return judge(
      network,
      { violations, missing },
      { checked, says: `of ${countText(checked, "interface")}, the internet reaches ${open}` },
    );
  },
};
