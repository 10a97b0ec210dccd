import { interfaceNames, NFPROTO, STATE, wholeField } from "./fields";
import { IntervalSet } from "../interval-set";
import { passDevice, passHook } from "./pass-hook";
import { type Packets, region } from "./packets";
import type { Ruleset } from "./ruleset";

const IP = ["inet", "ip", "ip6"] as const;

/** What a packet has in an interface field when it came from, or goes to, none. */
const NO_INTERFACE = IntervalSet.just(0);
const NOT_LOOPBACK = wholeField("iifname").subtract(interfaceNames("lo")).subtract(NO_INTERFACE);

/** Of no flow that was let through before. */
const NEW = IntervalSet.just(STATE.new, STATE.invalid, STATE.untracked);

const start = (fields: Readonly<Record<string, IntervalSet>>): readonly Packets[] => [
  {
    fields: region({ nfproto: IntervalSet.just(NFPROTO.ipv4, NFPROTO.ipv6), state: NEW, ...fields }),
    trail: [],
    doubts: [],
  },
];

export interface Way {
  /** Packets that come to its end. */
  readonly through: readonly Packets[];
  /** Packets, or copies, that left it for a device that a rule named. */
  readonly diverted: readonly Packets[];
}

const along = (packets: readonly Packets[], ...stages: readonly ((list: readonly Packets[]) => Way)[]): Way =>
  stages.reduce<Way>(
    ({ through, diverted }, stage) => {
      const next = stage(through);
      return { through: next.through, diverted: [...diverted, ...next.diverted] };
    },
    { through: packets, diverted: [] },
  );

const hook =
  (ruleset: Ruleset, name: string, families: readonly ("inet" | "ip" | "ip6" | "bridge")[] = IP) =>
  (list: readonly Packets[]): Way => {
    const { packets, diverted } = passHook(ruleset, name, families, list);
    return { through: packets, diverted };
  };

const device =
  (ruleset: Ruleset, name: "ingress" | "egress") =>
  (list: readonly Packets[]): Way => {
    const { packets, diverted } = passDevice(ruleset, name, list);
    return { through: packets, diverted };
  };

/** From any interface but loopback to a program of the device. */
export const inwards = (ruleset: Ruleset): Way =>
  along(
    start({ iifname: NOT_LOOPBACK, oifname: NO_INTERFACE }),
    device(ruleset, "ingress"),
    hook(ruleset, "prerouting"),
    hook(ruleset, "input"),
  );

/** From any interface to another one, as a router. */
export const across = (ruleset: Ruleset): Way =>
  along(
    start({ iifname: NOT_LOOPBACK }),
    device(ruleset, "ingress"),
    hook(ruleset, "prerouting"),
    (list) => ({
      through: list.map((each) => ({ ...each, fields: new Map(each.fields).set("oifname", NOT_LOOPBACK) })),
      diverted: [],
    }),
    hook(ruleset, "forward"),
    hook(ruleset, "postrouting"),
    device(ruleset, "egress"),
  );

/** Between the ports of a bridge: above the network, and past all other chains. */
export const bridged = (ruleset: Ruleset): Way =>
  along(
    // A bridge carries whatever a frame may hold.
    start({ nfproto: wholeField("nfproto"), iifname: NOT_LOOPBACK, oifname: NOT_LOOPBACK }),
    hook(ruleset, "prerouting", ["bridge"]),
    hook(ruleset, "forward", ["bridge"]),
    hook(ruleset, "postrouting", ["bridge"]),
  );

/** From a program of the device, or its kernel, to any interface but loopback. */
export const outwards = (ruleset: Ruleset): Way =>
  along(
    start({ iifname: NO_INTERFACE, oifname: NOT_LOOPBACK }),
    hook(ruleset, "output"),
    hook(ruleset, "postrouting"),
    device(ruleset, "egress"),
  );
