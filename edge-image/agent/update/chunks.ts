/** Bytes of an image in one message: with what MQTT and Sparkplug add it stays below the broker's largest packet. */
export const CHUNK_BYTES = 128 * 1024;

/** What a device asks for: `<prefix>/event/agent/update`, or the metric `Agent/Update Request`. */
export interface ChunkRequest {
  /** Of the image, hex. */
  readonly sha256: string;
  /** From which byte on. */
  readonly offset: number;
  /** How many. */
  readonly length: number;
}

/** SHA-256 of the image (32 bytes), offset (6 bytes), then the image's bytes. */
const HEAD = 38;

/** A piece of an image, as it is sent to a device. */
export interface Chunk {
  readonly sha256: string;
  readonly offset: number;
  readonly bytes: Buffer;
}

export function encodeChunk({ sha256, offset, bytes }: Chunk): Buffer {
  const head = Buffer.alloc(HEAD);
  head.write(sha256, "hex");
  head.writeUIntBE(offset, 32, 6);
  return Buffer.concat([head, bytes]);
}

/** @returns undefined when it is too short to be one */
export const decodeChunk = (payload: Buffer): Chunk | undefined =>
  payload.length <= HEAD
    ? undefined
    : { sha256: payload.toString("hex", 0, 32), offset: payload.readUIntBE(32, 6), bytes: payload.subarray(HEAD) };
