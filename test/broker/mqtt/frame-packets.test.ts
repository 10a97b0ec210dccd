import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FramePackets, type Frame } from "../../../broker/src/mqtt/frame-packets";
import { PacketRefused } from "../../../broker/src/mqtt/packet-refused";
import { connectPacket, field, packet } from "./wire";

const CONNECT = connectPacket({ name: "gw-1", password: "secret" });
const publish = (bytes: number): Buffer => packet(0x30, field("t"), Buffer.alloc(bytes, 0x61));

/** Frames a stream that arrives in these pieces. */
const frame = (limit: number, pieces: readonly Buffer[], framer = new FramePackets(limit)): Frame[] => {
  const frames: Frame[] = [];
  for (const piece of pieces) {
    for (let offset = 0; offset < piece.length; offset = framer.offset) {
      const next = framer.next(piece, offset);
      if (next) frames.push(next);
    }
  }
  return frames;
};

/** What follows the fixed header. */
const bodyOf = (bytes: Buffer): Buffer => bytes.subarray(1 + bytes.subarray(1).findIndex((byte) => byte < 0x80) + 1);

test("the same packets come out, however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 700 }), { maxLength: 8 }),
      fc.array(fc.nat({ max: 4000 }), { maxLength: 12 }),
      (sizes, cuts) => {
        const packets = [CONNECT, ...sizes.map(publish)];
        const stream = Buffer.concat(packets);
        const at = [0, ...cuts.map((cut) => cut % stream.length).sort((a, b) => a - b), stream.length];
        const frames = frame(
          1000,
          at.slice(1).map((end, i) => stream.subarray(at[i], end)),
        );
        expect(frames.map(({ byte }) => byte)).toEqual(packets.map((bytes) => bytes[0]));
        expect(frames.map(({ body }) => body.toString("hex"))).toEqual(
          packets.map((bytes) => bodyOf(bytes).toString("hex")),
        );
      },
    ),
  );
});

test("a packet that came byte by byte is whole", () => {
  const bytes = publish(3000);
  const pieces = [...Buffer.concat([CONNECT, bytes])].map((byte) => Buffer.from([byte]));
  expect(frame(5000, pieces)[1]!.body).toEqual(bodyOf(bytes));
});

test("a packet that came in one chunk is not copied", () => {
  const chunk = Buffer.concat([CONNECT, publish(100)]);
  for (const { body } of frame(1000, [chunk])) expect(body.buffer).toBe(chunk.buffer);
});

test("a packet in pieces costs what has come of it, not what it announces", () => {
  const begun = Buffer.concat([CONNECT, publish(250_000).subarray(0, 100)]);
  const before = process.memoryUsage().arrayBuffers;
  const framers = Array.from({ length: 200 }, () => new FramePackets(300_000));
  for (const framer of framers) frame(0, [begun], framer);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 2_048);
});

test("a packet of exactly the limit passes", () => {
  expect(frame(publish(100).length, [CONNECT, publish(100)])).toHaveLength(2);
});

describe("refused on the fixed header", () => {
  test.each([
    [
      "a packet one byte too large",
      publish(100).subarray(0, 2),
      publish(100).length - 1,
      "105 bytes is larger than 104",
    ],
    ["the largest length there is", Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), 1000, "is larger than 1000"],
    ["a length of five bytes", Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]), 1000, "more than four bytes"],
    ["a packet that only a server sends", Buffer.from([0x20]), 1000, "no packet that a client may send"],
    ["reserved flags", Buffer.from([0xc1]), 1000, "its reserved flags are not 0"],
  ])("%s", (_, bytes, limit, reason) => {
    const framer = new FramePackets(1000);
    frame(0, [CONNECT], framer);
    framer.limit = limit;
    expect(() => frame(0, [bytes], framer)).toThrow(PacketRefused);
    const again = new FramePackets(1000);
    frame(0, [CONNECT], again);
    again.limit = limit;
    expect(() => frame(0, [bytes], again)).toThrow(reason);
  });
});
