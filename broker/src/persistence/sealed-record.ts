import { crc32 } from "node:zlib";

/** Where the value begins in a record: behind a CRC-32 of key and value, most significant byte first. */
export const VALUE_AT = 4;

/** The record of a value, and its checksum as a small integer (signed, so that it costs no memory of its own). */
export interface Sealed {
  readonly record: Buffer;
  readonly checksum: number;
}

/**
 * Puts the checksum before the value. The key is in it: a value under another's key is as wrong as a flipped bit.
 * @param take gives the record's bytes. @default new ones
 */
export function seal(
  key: string,
  value: Buffer,
  take: (bytes: number) => Buffer = (bytes) => Buffer.allocUnsafeSlow(bytes),
): Sealed {
  // Of an empty buffer that has no memory at all, as a native module gives it, zlib's would be 0.
  const checksum = value.length === 0 ? crc32(key) : crc32(value, crc32(key));
  const record = take(VALUE_AT + value.length);
  record.writeUInt32BE(checksum, 0);
  record.set(value, VALUE_AT);
  return { record, checksum: checksum | 0 };
}

/** @returns the checksum that the record carries, or undefined when key and value do not have it. */
export function checksumOf(key: string, record: Buffer): number | undefined {
  if (record.length < VALUE_AT) return undefined;
  const checksum = record.readUInt32BE(0);
  return crc32(record.subarray(VALUE_AT), crc32(key)) === checksum ? checksum | 0 : undefined;
}

/** @returns the value, or undefined when the record is not what was written under this key. */
export const unseal = (key: string, record: Buffer): Buffer | undefined =>
  checksumOf(key, record) === undefined ? undefined : record.subarray(VALUE_AT);
