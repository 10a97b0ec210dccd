import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseProxyHeader } from "../../broker/src/proxy-protocol";
import { proxyHeader } from "./proxy-header";

const LONGEST = 1024;
const CLIENT = { address: "203.0.113.7", port: 50_123 };
const valid = proxyHeader(CLIENT);
const withByte = (offset: number, value: number): Buffer => {
  const bytes = Buffer.from(valid);
  bytes[offset] = value;
  return bytes;
};

test("a client over IPv4 is read, and what follows the addresses is skipped", () => {
  // AWS adds the endpoint's id and a checksum as type-length-value fields.
  const tail = Buffer.from("ea000501767063652d", "hex");
  const header = Buffer.concat([proxyHeader(CLIENT, { tail }), Buffer.from("rest")]);
  expect(parseProxyHeader(header, LONGEST)).toEqual({
    kind: "proxy",
    length: 28 + tail.length,
    source: CLIENT,
    destination: { address: "10.0.0.1", port: 8883 },
  });
});

test("a client over IPv6 is read", () => {
  const client = { address: "2001:db8:0:0:0:0:0:1", port: 1 };
  expect(parseProxyHeader(proxyHeader(client, { family: 0x21 }), LONGEST)).toMatchObject({
    kind: "proxy",
    length: 52,
    source: client,
  });
});

test("the load balancer's own connection is local, whatever family it names", () => {
  expect(parseProxyHeader(proxyHeader("local"), LONGEST)).toEqual({ kind: "local", length: 16 });
  expect(parseProxyHeader(withByte(12, 0x20), LONGEST)).toEqual({ kind: "local", length: 28 });
});

test.each([
  ["version 1, which is text", Buffer.from("PROXY TCP4 203.0.113.7 10.0.0.1 50123 8883\r\n"), "absent"],
  ["a TLS ClientHello", Buffer.from("16030100", "hex"), "absent"],
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\n"), "absent"],
  ["a signature that ends otherwise", withByte(11, 0x0b), "absent"],
  ["version 3", withByte(12, 0x31), "invalid"],
  ["an unknown command", withByte(12, 0x22), "invalid"],
  ["UDP", withByte(13, 0x12), "invalid"],
  ["a Unix socket", withByte(13, 0x31), "invalid"],
  ["an unspecified family with a client", withByte(13, 0x00), "invalid"],
  ["fewer bytes than the addresses need", withByte(15, 11), "invalid"],
  ["more bytes than any header has", withByte(14, 0xff), "invalid"],
  ["nothing yet", Buffer.alloc(0), "incomplete"],
])("%s is %s", (_, bytes, kind) => {
  expect(parseProxyHeader(bytes, LONGEST).kind).toBe(kind);
});

const clients = fc.record({ address: fc.ipV4(), port: fc.integer({ min: 0, max: 65_535 }) });

test("every proper beginning of a header is incomplete, and the rest changes nothing", () => {
  fc.assert(
    fc.property(
      clients,
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 50 }),
      fc.nat(),
      (client, tail, rest, cut) => {
        const header = proxyHeader(client, { tail: Buffer.from(tail) });
        expect(parseProxyHeader(header.subarray(0, cut % header.length), LONGEST).kind).toBe("incomplete");
        expect(parseProxyHeader(Buffer.concat([header, rest]), LONGEST)).toMatchObject({
          kind: "proxy",
          length: header.length,
          source: client,
        });
      },
    ),
  );
});

test("arbitrary bytes are answered, never thrown at, and no header is longer than allowed", () => {
  const start = fc.constantFrom(Buffer.alloc(0), valid.subarray(0, 12), valid.subarray(0, 14));
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 300 }), (prefix, bytes) => {
      const header = parseProxyHeader(Buffer.concat([prefix, bytes]), 64);
      if ("length" in header) expect(header.length).toBeLessThanOrEqual(64);
    }),
  );
});
