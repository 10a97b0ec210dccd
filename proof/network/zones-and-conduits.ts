import type { Conduit } from "../../policy/conduits";
import type { Counterexample, Property } from "../verdict";
import { ALL_LISTS, ALL_V4 } from "./addresses";
import { carries } from "./carries";
import { type Flow, show } from "./flow";
import { HeaderSet } from "./header-set";
import { IntervalSet } from "../interval-set";
import { judge, type NetworkInput } from "./network-input";
import { protocolSet, TCP } from "./protocols";
import { countText, numberText } from "../report/number-text";

/** The zones of IEC 62443: what may flow between them is declared, and what is declared can flow. */
export const zonesAndConduits: Property<NetworkInput> = {
  id: "zones-and-conduits",
  what: "Every flow that the network permits between zones is declared, and every declared conduit is possible.",
  why: "An attacker who owns one component gets no further than the plant meant it to talk.",
  promises: ["P1"],
  controls: ["PR.AC-5", "M0930", "IEC 62443-3-2 ZCR 3", "IEC 62443-3-3 SR 5.1"],
  check: ({ network, conduits, flows }) => {
    if (!conduits)
      return { answer: "UNPROVEN", reasons: [{ at: "the site", says: "declares no conduits to hold the network to" }] };
    const all = [...flows.internet, ...flows.links, ...flows.internal];
    const violations = all.flatMap((flow) => {
      const undeclared = flow.set.subtract(declared(conduits, flow));
      return undeclared.isEmpty ? [] : [show(flow, undeclared)];
    });
    const missing = conduits.flatMap((conduit) =>
      conduit.ports
        .filter((port) => !all.some((flow) => leads(conduit, flow) && carries(flow, port)))
        .map((port): Counterexample => ({
          source: conduit.from,
          target: `${conduit.to}: tcp ${port}`,
          path: [
            {
              at: "the network",
              says: `no way from ${conduit.from} to ${conduit.to} on tcp ${port}, declared for: ${conduit.why}`,
            },
          ],
        })),
    );
    const says = `of ${countText(all.length, "flow")} between ${countText(network.nodes.length, "interface")}, every one is declared, and each conduit of ${numberText(conduits.length)} is possible`;
    return judge(network, { violations, missing }, { checked: all.length, says });
  },
};

const leads = (conduit: Conduit, flow: Flow): boolean => conduit.from === flow.fromZone && conduit.to === flow.toZone;

const declared = (conduits: readonly Conduit[], flow: Flow): HeaderSet =>
  HeaderSet.union(
    conduits
      .filter((conduit) => leads(conduit, flow))
      .map(({ from, ports }) => (from === "internet" ? tcp(ports).intersect(BY_IPV4) : tcp(ports))),
  );

/** Strangers come by IPv4 alone (promise P1): a second family would open what the first one closes. */
const BY_IPV4 = HeaderSet.of({ source: ALL_V4.union(ALL_LISTS) });

const tcp = (ports: readonly number[]): HeaderSet =>
  HeaderSet.of({
    protocol: protocolSet(TCP),
    port: IntervalSet.ofNumbers(...ports.map((port) => [port, port] as const)),
  });
