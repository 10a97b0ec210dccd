import { crc32 } from "node:zlib";

/** The format that this agent writes, and the newest that it reads. */
export const QUEUE_VERSION = 1;

/** Bytes at the head of each segment. */
export const HEADER = 32;

const MAGIC = Buffer.from("DMZQUEUE");

/** How a segment begins. */
export interface SegmentHeader {
  /** Number of its first message. */
  readonly base: number;
  /** Every message below was acknowledged when the segment was begun. */
  readonly acknowledged: number;
}

/** Magic (8 bytes), version (2), base (6), acknowledged (6), zero (6), CRC-32 of all before (4). */
export function encodeHeader({ base, acknowledged }: SegmentHeader): Buffer {
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUInt16BE(QUEUE_VERSION, 8);
  header.writeUIntBE(base, 10, 6);
  header.writeUIntBE(acknowledged, 16, 6);
  header.writeUInt32BE(crc32(header.subarray(0, HEADER - 4)), HEADER - 4);
  return header;
}

/** @returns the header, the version if it is a newer one, or "damaged" */
export function decodeHeader(bytes: Buffer): SegmentHeader | { readonly newer: number } | "damaged" {
  if (bytes.length < 10 || MAGIC.compare(bytes, 0, 8) !== 0) return "damaged";
  const version = bytes.readUInt16BE(8);
  // A newer format may have any layout behind its version.
  if (version > QUEUE_VERSION) return { newer: version };
  if (bytes.length < HEADER || crc32(bytes.subarray(0, HEADER - 4)) !== bytes.readUInt32BE(HEADER - 4))
    return "damaged";
  return { base: bytes.readUIntBE(10, 6), acknowledged: bytes.readUIntBE(16, 6) };
}

/** Names sort as their messages do. */
export const segmentName = (base: number): string => `${base.toString(16).padStart(12, "0")}.segment`;

/** @returns the number of the segment's first message, or undefined for any other file */
export const baseOf = (name: string): number | undefined => {
  const hex = /^([0-9a-f]{12})\.segment$/.exec(name)?.[1];
  return hex === undefined ? undefined : parseInt(hex, 16);
};
