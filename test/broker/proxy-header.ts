/** Renders a PROXY v2 header as a load balancer does (HAProxy, "The PROXY protocol", section 2.2). */
export function proxyHeader(
  client: { readonly address: string; readonly port: number } | "local",
  {
    tail = Buffer.alloc(0),
    family = 0x11,
    versionAndCommand,
  }: { tail?: Buffer; family?: number; versionAndCommand?: number } = {},
): Buffer {
  const addresses = client === "local" ? Buffer.alloc(0) : family === 0x21 ? ipv6(client) : ipv4(client);
  const head = Buffer.from("0d0a0d0a000d0a515549540a00000000", "hex");
  head[12] = versionAndCommand ?? (client === "local" ? 0x20 : 0x21);
  head[13] = client === "local" ? 0 : family;
  head.writeUInt16BE(addresses.length + tail.length, 14);
  return Buffer.concat([head, addresses, tail]);
}

function ipv4({ address, port }: { address: string; port: number }): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.set(address.split(".").map(Number), 0);
  bytes.set([10, 0, 0, 1], 4);
  bytes.writeUInt16BE(port, 8);
  bytes.writeUInt16BE(8883, 10);
  return bytes;
}

/** The address in eight groups, none left out. */
function ipv6({ address, port }: { address: string; port: number }): Buffer {
  const bytes = Buffer.alloc(36);
  address.split(":").forEach((group, i) => bytes.writeUInt16BE(parseInt(group, 16), 2 * i));
  bytes.writeUInt16BE(port, 32);
  bytes.writeUInt16BE(8883, 34);
  return bytes;
}
