import type { Flow } from "./flow";
import { HeaderSet } from "./header-set";
import { IntervalSet } from "../interval-set";
import { protocolSet, TCP } from "./protocols";

/** Ports from which Linux (32768-60999), Windows (49152-65535) and AWS's load balancers (1024-65535) all dial. */
const EPHEMERAL = IntervalSet.ofNumbers([49152, 60999]);

/** Packets to one tcp port. */
export const socket = (port: number): HeaderSet =>
  HeaderSet.of({ protocol: protocolSet(TCP), port: IntervalSet.ofNumbers([port, port]) });

/** Whether clients can use a way: from whichever port they dial, answers find back. */
export const carries = (flow: Pick<Flow, "set">, port: number): boolean =>
  flow.set.intersect(socket(port)).field("sourcePort").covers(EPHEMERAL);
