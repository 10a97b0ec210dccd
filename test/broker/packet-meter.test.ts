import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { PacketMeter, PacketRefused } from "../../broker/src/packet-meter";

const connect = generate({
  cmd: "connect",
  protocolId: "MQTT",
  protocolVersion: 4,
  clientId: "gw-1",
  clean: true,
  keepalive: 60,
});
const publish = (bytes: number): Buffer =>
  generate({ cmd: "publish", topic: "t", payload: Buffer.alloc(bytes), qos: 0, dup: false, retain: false });

/** Reads a stream that arrives in these pieces. */
const measure = (limit: number, pieces: readonly Buffer[]): PacketMeter => {
  const meter = new PacketMeter(limit);
  for (const piece of pieces) for (let offset = 0; offset < piece.length;) offset = meter.advance(piece, offset);
  return meter;
};

test("packets are counted however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 400 }), { maxLength: 8 }),
      fc.array(fc.nat({ max: 500 }), { maxLength: 12 }),
      (sizes, cuts) => {
        const stream = Buffer.concat([connect, ...sizes.map(publish)]);
        const at = [0, ...cuts.map((cut) => cut % stream.length).sort((a, b) => a - b), stream.length];
        const pieces = at.slice(1).map((end, i) => stream.subarray(at[i], end));
        expect(measure(1000, pieces).packets).toBe(1 + sizes.length);
      },
    ),
  );
});

test("it stops behind each packet, so that what follows a CONNECT can wait", () => {
  expect(new PacketMeter(1000).advance(Buffer.concat([connect, publish(3)]), 0)).toBe(connect.length);
});

test.each([
  ["a packet one byte too large", publish(100), publish(100).length - 1],
  ["a remaining length of more than four bytes", Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]), 1000],
])("%s is refused", (_, bytes, limit) => {
  expect(() => measure(limit, [connect, bytes])).toThrow(PacketRefused);
});

test("a packet of exactly the limit passes", () => {
  expect(measure(publish(100).length, [connect, publish(100)]).packets).toBe(2);
});

test.each([
  ["a publish", publish(1)],
  ["HTTP", Buffer.from("GET /")],
  ["a CONNECT with flags", Buffer.from([0x11, 0])],
])("%s as the first packet is refused", (_, bytes) => {
  expect(() => measure(1000, [bytes])).toThrow("the first packet is not a CONNECT");
});

test("an oversized packet is refused on its header alone, before its body comes", () => {
  expect(() => measure(1000, [connect, Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])])).toThrow(
    "268435460 bytes is larger than 1000",
  );
});
