import { Duplex } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { LIMITS } from "../../broker/src/limits";
import { encodePacket } from "../../broker/src/mqtt/encode-packet";
import { OutboundQueue, outboundTotal } from "../../broker/src/outbound-queue";

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;
const held = (): number => {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const ACKNOWLEDGEMENT_BYTES = 4;
const acknowledgement = (i: number): Buffer => encodePacket({ cmd: "puback", messageId: (i % 65_535) + 1 });
/** A client that takes one write, and then reads no more; or all of them. */
const reader = (reads: boolean, got: Buffer[] = []): Duplex =>
  new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      got.push(chunk);
      if (reads) done();
    },
  });

test("what waits for a client that does not read takes little more memory than its bytes, however small its packets", () => {
  const queue = new OutboundQueue(reader(false), () => undefined);
  const count = LIMITS.outboundBytes / ACKNOWLEDGEMENT_BYTES;
  const before = held();
  for (let i = 0; i < count; i++) queue.add(acknowledgement(i), false);
  const grown = held() - before;
  expect(queue.waiting).toBe(LIMITS.outboundBytes);
  expect(grown).toBeLessThan(2 * LIMITS.outboundBytes);
  queue.discard();
  expect(outboundTotal()).toBe(0);
});

test("small packets, large ones and any number of them leave in their order, byte for byte", async () => {
  const got: Buffer[] = [];
  const queue = new OutboundQueue(reader(true, got), () => undefined);
  const sent: Buffer[] = [];
  const add = (bytes: Buffer): void => {
    sent.push(bytes);
    queue.add(bytes, false);
  };
  for (let i = 0; i < 2_000; i++) add(i % 500 === 7 ? Buffer.alloc(10_000, i) : acknowledgement(i));
  await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 10; i++) add(acknowledgement(i));
  queue.end();
  expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
  expect(outboundTotal()).toBe(0);
});
