/** "\r\n\r\n\0\r\nQUIT\n", the signature of the PROXY protocol's second version. */
const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");

const octets = (address: string): number[] => address.split(".").map(Number);

/** The PROXY protocol v2 header of a TCP connection over IPv4 (HAProxy's specification, section 2.2). */
export function proxyProtocolHeader(
  from: { address: string; port: number },
  to: { address: string; port: number },
): Buffer {
  const header = Buffer.alloc(28);
  SIGNATURE.copy(header);
  header[12] = 0x21; // version 2, PROXY
  header[13] = 0x11; // AF_INET, STREAM
  header.writeUInt16BE(12, 14);
  header.set(octets(from.address), 16);
  header.set(octets(to.address), 20);
  header.writeUInt16BE(from.port, 24);
  header.writeUInt16BE(to.port, 26);
  return header;
}
