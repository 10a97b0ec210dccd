import { crc32 } from "node:zlib";

/** A message as an application handed it over. */
export interface QueuedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
  /** The payload is Sparkplug's, without the sequence number that is only known when it is sent. */
  readonly sparkplug: boolean;
}

/** A message with its place in the queue. */
export interface StoredMessage extends QueuedMessage {
  /** Gapless, from 0. */
  readonly seq: number;
  /** When it was accepted, by the device's clock, ms. */
  readonly time: number;
  /** Had network time set that clock? */
  readonly certain: boolean;
}

/** What a segment holds: messages, and notes that every message below `seq` was acknowledged by a broker. */
export type Entry =
  | { readonly kind: "message"; readonly message: StoredMessage }
  | { readonly kind: "acknowledged"; readonly seq: number };

const MESSAGE = 1;
const ACKNOWLEDGED = 2;
const RETAIN = 1;
const SPARKPLUG = 2;
/** Agents that do not know it leave it alone, as they do any flag. */
const CERTAIN = 4;

/** Begins each record: by it the next whole one is found behind damage. */
const MARK = Buffer.from([0x9e, 0x4d, 0x51, 0x5a]);
/** Mark, length of the body, CRC-32 of both length and body. */
const HEAD = 12;
/** Kind, flags, seq (48 bits), time (48 bits), length of the topic. */
const FIXED = 16;

/** Bytes of a topic and of a payload; together with what MQTT adds they stay below the broker's largest packet. */
export const MESSAGE_LIMITS = { topicBytes: 1024, payloadBytes: 240 * 1024 } as const;

/** No record is longer. */
export const LARGEST_RECORD = HEAD + FIXED + MESSAGE_LIMITS.topicBytes + MESSAGE_LIMITS.payloadBytes;

/** Bytes that a message takes on disk. */
export const recordBytes = ({ topic, payload }: QueuedMessage): number =>
  HEAD + FIXED + Buffer.byteLength(topic) + payload.length;

/** @param certain had network time set the clock that says `time`? */
export function encodeMessage(message: QueuedMessage, seq: number, time: number, certain: boolean): Buffer {
  const record = Buffer.allocUnsafe(recordBytes(message));
  const flags = (message.retain ? RETAIN : 0) | (message.sparkplug ? SPARKPLUG : 0) | (certain ? CERTAIN : 0);
  const topicBytes = record.write(message.topic, HEAD + FIXED);
  message.payload.copy(record, HEAD + FIXED + topicBytes);
  return seal(record, MESSAGE, flags, seq, time, topicBytes);
}

export const encodeAcknowledged = (seq: number, time: number): Buffer =>
  seal(Buffer.allocUnsafe(HEAD + FIXED), ACKNOWLEDGED, 0, seq, time, 0);

function seal(record: Buffer, kind: number, flags: number, seq: number, time: number, topicBytes: number): Buffer {
  MARK.copy(record);
  record.writeUInt32BE(record.length - HEAD, 4);
  record[HEAD] = kind;
  record[HEAD + 1] = flags;
  record.writeUIntBE(seq, HEAD + 2, 6);
  record.writeUIntBE(time, HEAD + 8, 6);
  record.writeUInt16BE(topicBytes, HEAD + 14);
  record.writeUInt32BE(checksum(record, 0, record.length), 8);
  return record;
}

const checksum = (bytes: Buffer, start: number, end: number): number =>
  crc32(bytes.subarray(start + HEAD, end), crc32(bytes.subarray(start + 4, start + 8)));

/** What is at `offset`: a whole record, too few bytes to tell, or none. */
export function decodeAt(
  bytes: Buffer,
  offset: number,
): { readonly entry: Entry; readonly next: number } | "incomplete" | "damaged" {
  const left = bytes.length - offset;
  if (left < HEAD)
    return MARK.compare(bytes, offset, offset + Math.min(left, 4), 0, Math.min(left, 4)) === 0
      ? "incomplete"
      : "damaged";
  if (MARK.compare(bytes, offset, offset + 4) !== 0) return "damaged";
  const length = bytes.readUInt32BE(offset + 4);
  if (length < FIXED || length > LARGEST_RECORD - HEAD) return "damaged";
  const next = offset + HEAD + length;
  if (next > bytes.length) return "incomplete";
  if (checksum(bytes, offset, next) !== bytes.readUInt32BE(offset + 8)) return "damaged";
  const body = offset + HEAD;
  const kind = bytes[body];
  const seq = bytes.readUIntBE(body + 2, 6);
  if (kind === ACKNOWLEDGED) return { entry: { kind: "acknowledged", seq }, next };
  const payload = body + FIXED + bytes.readUInt16BE(body + 14);
  if (kind !== MESSAGE || payload > next) return "damaged";
  const flags = bytes[body + 1]!;
  const message: StoredMessage = {
    seq,
    time: bytes.readUIntBE(body + 8, 6),
    certain: (flags & CERTAIN) !== 0,
    topic: bytes.toString("utf8", body + FIXED, payload),
    payload: bytes.subarray(payload, next),
    retain: (flags & RETAIN) !== 0,
    sparkplug: (flags & SPARKPLUG) !== 0,
  };
  return { entry: { kind: "message", message }, next };
}

/** @returns where the first whole record at or behind `from` begins; undefined if there is none */
export function findRecord(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(MARK, from); at !== -1; at = bytes.indexOf(MARK, at + 1))
    if (typeof decodeAt(bytes, at) === "object") return at;
  return undefined;
}
