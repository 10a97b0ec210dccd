import type { Counterexample, Property, Step } from "../verdict";
import { Attributes } from "./attributes";
import { judge, type NetworkInput } from "./network-input";
import { countText } from "../report/number-text";

const LISTENERS: ReadonlySet<string> = new Set(["aws_lb_listener", "aws_alb_listener"]);

/** What a load balancer carries without a look inside (`docs/decisions/0007`). */
const UNREAD: ReadonlySet<string> = new Set(["TCP", "UDP", "TCP_UDP"]);

/** A load balancer that ends TLS reads every message, and the broker no longer sees who the client is. */
export const tlsPassesThrough: Property<NetworkInput> = {
  id: "tls-passes-through",
  what: "No load balancer of the site ends TLS: every listener passes it on, unread, to the broker.",
  why: "Whoever ends TLS reads and writes every message, and only the broker knows whose certificate it was.",
  promises: ["P3"],
  controls: ["PR.DS-2", "IEC 62443-3-3 SR 4.1"],
  check: ({ facts, network }) => {
    const doubts: Step[] = [];
    const listeners = facts.resources
      .filter(({ mode, type }) => mode === "managed" && LISTENERS.has(type))
      .map((resource) => Attributes.of(resource, doubts));
    const classic = facts.resources.filter(({ mode, type }) => mode === "managed" && type === "aws_elb");
    const violations = [
      ...listeners.flatMap((listener): Counterexample[] => {
        // Without one, it is an application load balancer's, which reads HTTP.
        const protocol = listener.raw("protocol") === undefined ? "HTTP" : listener.text("protocol");
        if (protocol === undefined || UNREAD.has(protocol.toUpperCase())) return [];
        return [reader(listener.at, `listens on ${protocol}: it reads what it passes on`)];
      }),
      ...classic.map(({ address }) => reader(address, "is a classic load balancer, which may read what it passes on")),
    ];
    const says = `of ${countText(listeners.length, "listener")}, none reads what it passes on`;
    return judge(network, { violations, doubts }, { checked: listeners.length, says });
  },
};

const reader = (at: string, says: string): Counterexample => ({
  source: "whoever reads the load balancer's memory, or has its key",
  target: `${at}: every message`,
  path: [{ at, says }],
});
