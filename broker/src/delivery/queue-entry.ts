import type { Qos } from "../mqtt/packet";
import type { Message } from "./message";

/** How far the delivery of one message to one session is (MQTT 3.1.1, section 4.3). */
export const STATE = { waiting: 0, sent: 1, released: 2 } as const;
export type State = (typeof STATE)[keyof typeof STATE];

/** One message on its way to one session. */
export interface QueueEntry {
  readonly message: Message;
  /** Granted: the lower one of the message's and the subscription's. */
  readonly qos: Qos;
  /** Sent because of a new subscription [MQTT-3.3.1-8]; a live message has it 0 [MQTT-3.3.1-9]. */
  readonly retain: boolean;
  /** 0: none yet, or none needed. */
  packetId: number;
  state: State;
  /** Place in the session's queue in the store; 0: not stored. */
  readonly sequence: number;
  /** An earlier task may have sent it: it carries DUP [MQTT-3.3.1-1]. */
  readonly repeated: boolean;
  /** Stored, or not to be stored: it may leave. */
  committed: boolean;
}

const BYTES = 12;
/** Cut from pieces of our own: a buffer each costs 2 us, and Node's pool would keep 8 KiB for one entry that stays. */
const PIECE = 85 * BYTES;
let piece = Buffer.allocUnsafeSlow(PIECE);
let used = 0;
function take(): Buffer {
  if (used === PIECE) {
    piece = Buffer.allocUnsafeSlow(PIECE);
    used = 0;
  }
  used += BYTES;
  return piece.subarray(used - BYTES, used);
}

/** As it is stored, the message itself aside. */
export function encodeEntry({ message, qos, retain, packetId, state }: QueueEntry): Buffer {
  const bytes = take();
  bytes[0] = qos | (retain ? 4 : 0);
  bytes[1] = state;
  bytes.writeUInt16BE(packetId, 2);
  bytes.writeDoubleBE(message.sequence, 4);
  return bytes;
}

/** @returns the entry's fields and the sequence number of its message. */
export function decodeEntry(bytes: Buffer): {
  readonly qos: Qos;
  readonly retain: boolean;
  readonly state: State;
  readonly packetId: number;
  readonly message: number;
} {
  return {
    qos: (bytes[0]! & 3) as Qos,
    retain: (bytes[0]! & 4) !== 0,
    state: bytes[1] as State,
    packetId: bytes.readUInt16BE(2),
    message: bytes.readDoubleBE(4),
  };
}
