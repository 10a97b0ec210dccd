import type { Flow } from "./flow";
import { HeaderSet } from "./header-set";
import { IntervalSet } from "../interval-set";
import { showPort, TCP, UDP } from "./protocols";

/** What may flow from one zone to another, in words. */
export interface ShownConduit {
  readonly from: Flow["fromZone"];
  readonly to: Flow["toZone"];
  /** `["tcp 443", "tcp 8883"]`, `["every protocol"]`; sorted. */
  readonly ports: readonly string[];
}

/** Flows gathered by their zones, in order of the zones' names: for reviews and drawings. */
export const showConduits = (flows: readonly Flow[]): readonly ShownConduit[] => {
  const sets = new Map<string, Flow[]>();
  for (const flow of flows) {
    const key = `${flow.fromZone}\0${flow.toZone}`;
    sets.set(key, [...(sets.get(key) ?? []), flow]);
  }
  return [...sets.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, alike]) => ({
      from: alike[0]!.fromZone,
      to: alike[0]!.toZone,
      ports: showPorts(HeaderSet.union(alike.map(({ set }) => set))),
    }));
};

/** Every protocol and port of a set: `tcp 443`, `udp 1-1023`, `tcp`, `every protocol`. */
export const showPorts = ({ boxes }: HeaderSet): readonly string[] => {
  const many = boxes.filter(({ protocol }) => protocol.intervals.some(([from, to]) => from !== to));
  if (many.length > 0) return ["every protocol"];
  const byProtocol = new Map<bigint, IntervalSet>();
  for (const { protocol, port } of boxes)
    for (const [number] of protocol.intervals)
      byProtocol.set(number, IntervalSet.of(...(byProtocol.get(number)?.intervals ?? []), ...port.intervals));
  return [...byProtocol]
    .sort(([a], [b]) => Number(a - b))
    .flatMap(([protocol, ports]) => ports.intervals.map(([from, to]) => showRange(protocol, from, to)));
};

const showRange = (protocol: bigint, from: bigint, to: bigint): string => {
  const first = showPort(protocol, from);
  const numbered = protocol === BigInt(TCP) || protocol === BigInt(UDP);
  if (!numbered || from === to) return first;
  return from === 0n && to === 65535n ? first.replace(/ \d+$/, "") : `${first}-${to}`;
};
