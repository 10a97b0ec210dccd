import type { Qos } from "../mqtt/packet";
import type { RetainedShare } from "./retained-shares";

/** What a message costs beside its topic and payload, in bytes: a measured guess, for the budget alone. */
const OVERHEAD = 200;

/** One application message on its way, shared by all who get it. */
export class Message {
  /** Its place in the store; 0 as long as it is not stored. */
  sequence = 0;
  /** Queue entries that need it. */
  references = 0;
  /** Of whom it counts as a retained one. */
  share: RetainedShare | undefined = undefined;

  constructor(
    readonly topic: string,
    public payload: Buffer,
    readonly qos: Qos,
    readonly retain: boolean,
  ) {}

  /** Bytes of memory, about. */
  get size(): number {
    return OVERHEAD + 2 * this.topic.length + this.payload.length;
  }

  /** Lets go of what was received with it: the payload is a view of a whole read, and may now have to wait. */
  keep(): void {
    const { payload } = this;
    if (payload.buffer.byteLength > payload.length + OVERHEAD) this.payload = Buffer.from(payload);
  }
}

const FIXED = 3;

/** As it is stored: QoS and RETAIN, the topic's length, topic, payload. */
export function encodeMessage(message: Message): Buffer {
  const topicBytes = Buffer.byteLength(message.topic);
  const bytes = Buffer.allocUnsafeSlow(FIXED + topicBytes + message.payload.length);
  bytes[0] = message.qos | (message.retain ? 4 : 0);
  bytes.writeUInt16BE(topicBytes, 1);
  bytes.write(message.topic, FIXED);
  bytes.set(message.payload, FIXED + topicBytes);
  // One copy is enough, the stored one.
  message.payload = bytes.subarray(FIXED + topicBytes);
  return bytes;
}

export function decodeMessage(bytes: Buffer): Message {
  const payloadAt = FIXED + bytes.readUInt16BE(1);
  const topic = bytes.toString("utf8", FIXED, payloadAt);
  return new Message(topic, bytes.subarray(payloadAt), (bytes[0]! & 3) as Qos, (bytes[0]! & 4) !== 0);
}
