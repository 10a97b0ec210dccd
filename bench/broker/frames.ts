import type { Qos } from "./scenarios";

/** Payload of every message, in bytes. */
export const PAYLOAD_BYTES = 200;

/** Where in the payload the sender writes what the receiver checks. */
export const MARK = { publisher: 0, sequence: 4, sentAt: 8 } as const;

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

const packet = (firstByte: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([firstByte, ...length]), body]);
};

/** MQTT 3.1.1, clean session, user name and password, no keep alive. */
export const connectFrame = (clientId: string, userName: string, password: string, clean = true): Buffer =>
  packet(
    0x10,
    text("MQTT"),
    Buffer.from([4, clean ? 0xc2 : 0xc0, 0, 0]),
    text(clientId),
    text(userName),
    text(password),
  );

export const subscribeFrame = (filter: string, qos: Qos): Buffer =>
  packet(0x82, Buffer.from([0, 1]), text(filter), Buffer.from([qos]));

export const DISCONNECT = Buffer.from([0xe0, 0]);

/** A whole PUBLISH to copy and fill in; `packetId` and `payload` are offsets in it. */
export interface PublishTemplate {
  readonly frame: Buffer;
  readonly packetId: number;
  readonly payload: number;
}

export function publishTemplate(topic: string, qos: Qos): PublishTemplate {
  const payload = Buffer.alloc(PAYLOAD_BYTES, "x");
  const frame = packet(0x30 | (qos << 1), text(topic), Buffer.alloc(qos === 1 ? 2 : 0), payload);
  return { frame, packetId: frame.length - PAYLOAD_BYTES - 2, payload: frame.length - PAYLOAD_BYTES };
}

/** One PUBACK behind the other. */
export function pubAcks(packetIds: readonly number[]): Buffer {
  const frames = Buffer.allocUnsafe(packetIds.length * 4);
  let at = 0;
  for (const id of packetIds) {
    frames.writeUInt16BE(0x4002, at);
    frames.writeUInt16BE(id, at + 2);
    at += 4;
  }
  return frames;
}
