import type { Endpoint } from "./endpoint";

/** What the first bytes of a connection say. */
export type ProxyHeader =
  | { readonly kind: "incomplete" }
  /** These bytes can no longer become a v2 header: the peer speaks something else. */
  | { readonly kind: "absent" }
  | { readonly kind: "invalid"; readonly reason: string }
  /** The load balancer speaks for itself: a health check. `length` bytes are the header. */
  | { readonly kind: "local"; readonly length: number }
  /** A client's connection. `length` bytes are the header. */
  | { readonly kind: "proxy"; readonly length: number; readonly source: Endpoint; readonly destination: Endpoint };

const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const FIXED_BYTES = 16;
const ADDRESS_BYTES = { 0x11: 12, 0x21: 36 } as const;

/**
 * Parses a PROXY protocol header, version 2 only: version 1 is text that a client could write itself.
 * Pure: give it all bytes received so far, again with more as long as it answers "incomplete".
 * Source: HAProxy, "The PROXY protocol", section 2.2. What follows the addresses (TLVs) is skipped.
 * @param longest refuses a header that announces more bytes than this in all.
 */
export function parseProxyHeader(bytes: Buffer, longest: number): ProxyHeader {
  const known = Math.min(bytes.length, SIGNATURE.length);
  if (bytes.compare(SIGNATURE, 0, known, 0, known) !== 0) return { kind: "absent" };
  if (bytes.length < FIXED_BYTES) return { kind: "incomplete" };

  const version = bytes[12]! >> 4;
  const command = bytes[12]! & 0x0f;
  const family = bytes[13]!;
  const announced = bytes.readUInt16BE(14);
  const length = FIXED_BYTES + announced;
  if (version !== 2) return { kind: "invalid", reason: `version ${version}, not 2` };
  if (command > 1) return { kind: "invalid", reason: `unknown command ${command}` };
  if (length > longest) return { kind: "invalid", reason: `${length} bytes long, more than ${longest}` };
  if (bytes.length < length) return { kind: "incomplete" };
  // "The receiver must accept this connection as valid and must use the real connection endpoints": whatever the family.
  if (command === 0) return { kind: "local", length };

  if (family !== 0x11 && family !== 0x21)
    return { kind: "invalid", reason: `family 0x${family.toString(16)}, not TCP over IPv4 or IPv6` };
  if (announced < ADDRESS_BYTES[family])
    return { kind: "invalid", reason: `${announced} bytes cannot hold the addresses` };
  return family === 0x11
    ? {
        kind: "proxy",
        length,
        source: { address: ipv4(bytes, 16), port: bytes.readUInt16BE(24) },
        destination: { address: ipv4(bytes, 20), port: bytes.readUInt16BE(26) },
      }
    : {
        kind: "proxy",
        length,
        source: { address: ipv6(bytes, 16), port: bytes.readUInt16BE(48) },
        destination: { address: ipv6(bytes, 32), port: bytes.readUInt16BE(50) },
      };
}

function ipv4(bytes: Buffer, at: number): string {
  return bytes.subarray(at, at + 4).join(".");
}

function ipv6(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(at + 2 * group).toString(16));
  return groups.join(":");
}
