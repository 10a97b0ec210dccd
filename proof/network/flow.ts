import type { Counterexample, Step } from "../verdict";
import { showAddress, showAddresses } from "./addresses";
import type { HeaderSet, Packet } from "./header-set";
import type { NodeZone } from "./network";
import { showPort } from "./protocols";

/** Packets that get from one place to another, and how. */
export interface Flow {
  /** `the internet`, an address of a resource, a link. */
  readonly from: string;
  readonly fromZone: "internet" | "outside" | NodeZone;
  readonly to: string;
  readonly toZone: "internet" | NodeZone;
  readonly set: HeaderSet;
  /** Every hop of one of its packets, with what permits it. */
  readonly path: (packet: Packet) => readonly Step[];
}

/** Shows one packet of a flow, or of a part of it. */
export function show(flow: Flow, part: HeaderSet): Counterexample {
  const packet = part.witness!;
  const box = part.boxes[0]!;
  const everywhere = flow.toZone === "internet" ? showAddresses(box.destination) : showAddress(packet.destination);
  const target = flow.toZone === "internet" ? everywhere : flow.to;
  return {
    source: flow.fromZone === "internet" ? `the internet: ${showAddresses(box.source)}` : flow.from,
    target: `${target}: ${showPorts(part)}`,
    path: flow.path(packet),
  };
}

function showPorts(part: HeaderSet): string {
  const { protocol, port } = part.boxes[0]!;
  const [first] = protocol.intervals;
  if (first![0] !== first![1]) return "every protocol and port";
  const [from, to] = port.intervals[0]!;
  const start = showPort(first![0], from);
  return from === to || !/ \d+$/.test(start) ? start : `${start}-${to}`;
}
