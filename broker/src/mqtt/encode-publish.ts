/** What is needed of a message to send it. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly messageId?: number | undefined;
}

const PUBLISH = 0x30;

/** The last message, encoded: a fan-out asks for the same one again and again. */
interface Last {
  readonly topic: string;
  readonly payload: Buffer | string;
  readonly first: number;
  readonly bytes: Buffer;
  /** Where the packet identifier stands. */
  readonly idAt: number;
}
let last: Last | undefined;

/**
 * MQTT 3.1.1, section 3.3, in one buffer. A message at QoS 0 is encoded once for all who get it; above, only the packet
 * identifier is written anew. Nobody may change the buffer.
 */
export function encodePublish(message: Outgoing): Buffer {
  const { topic, payload, qos } = message;
  const first = PUBLISH | (message.dup && qos > 0 ? 0x08 : 0) | (qos << 1) | (message.retain ? 1 : 0);
  if (last === undefined || last.payload !== payload || last.topic !== topic || last.first !== first) {
    last = encode(message, first);
    if (qos > 0) writeId(last.bytes, last.idAt, message.messageId);
    return last.bytes;
  }
  if (qos === 0) return last.bytes;
  const bytes = Buffer.allocUnsafe(last.bytes.length);
  last.bytes.copy(bytes);
  writeId(bytes, last.idAt, message.messageId);
  return bytes;
}

/** Lets go of the last message: at the end of a tick nobody will ask for it again. */
export function forgetLastPublish(): void {
  last = undefined;
}

function writeId(bytes: Buffer, at: number, id: number | undefined): void {
  // The caller's fault, not the client's: a packet with id 0 must not leave [MQTT-2.3.1-1].
  if (id === undefined || !(id > 0 && id <= 65_535)) throw new Error(`a PUBLISH needs a packet identifier, got ${id}`);
  bytes[at] = id >> 8;
  bytes[at + 1] = id & 0xff;
}

function encode({ topic, payload, qos }: Outgoing, first: number): Last {
  const topicBytes = Buffer.byteLength(topic);
  const payloadBytes = typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
  const remaining = 2 + topicBytes + (qos > 0 ? 2 : 0) + payloadBytes;
  const header = 1 + lengthOfLength(remaining);
  const bytes = Buffer.allocUnsafe(header + remaining);
  bytes[0] = first;
  let at = 1;
  let rest = remaining;
  do {
    bytes[at++] = (rest & 0x7f) | (rest > 0x7f ? 0x80 : 0);
    rest >>>= 7;
  } while (rest > 0);
  bytes[at++] = topicBytes >> 8;
  bytes[at++] = topicBytes & 0xff;
  bytes.write(topic, at, topicBytes, topicBytes === topic.length ? "latin1" : "utf8");
  at += topicBytes;
  const idAt = at;
  if (qos > 0) at += 2;
  if (typeof payload === "string") bytes.write(payload, at, payloadBytes);
  else bytes.set(payload, at);
  return { topic, payload, first, bytes, idAt };
}

const lengthOfLength = (bytes: number): number => (bytes < 128 ? 1 : bytes < 16_384 ? 2 : bytes < 2_097_152 ? 3 : 4);
