import type { Qos } from "../mqtt/packet";
import { STATE, type QueueEntry } from "./queue-entry";

const marker = (qos: Qos, state: QueueEntry["state"]): QueueEntry =>
  Object.freeze({
    message: undefined as never,
    qos,
    retain: false,
    packetId: 0,
    state,
    sequence: 0,
    repeated: false,
    committed: true,
  });

/** What a clean session keeps of a message that was sent: how far it is. It is never sent again. */
export const SENT_MARKER = { 1: marker(1, STATE.sent), 2: marker(2, STATE.sent) } as const;
export const RELEASED_MARKER = marker(2, STATE.released);
