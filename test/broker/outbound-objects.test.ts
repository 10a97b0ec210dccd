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
/** A client that takes one write, and is done with it when `read` is called. */
const reader = (got: Buffer[] = []): { line: Duplex; read: () => void } => {
  let read = (): void => undefined;
  const line = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      got.push(chunk);
      read = done;
    },
  });
  return { line, read: () => read() };
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what waits for a client that does not read takes little more memory than its bytes, however small its packets", async () => {
  const queue = new OutboundQueue(reader().line, () => undefined);
  queue.add(acknowledgement(0), false);
  await turn();
  const count = LIMITS.outboundBytes / ACKNOWLEDGEMENT_BYTES;
  const before = held();
  for (let i = 1; i < count; i++) queue.add(acknowledgement(i), false);
  const grown = held() - before;
  expect(queue.waiting).toBe(LIMITS.outboundBytes);
  expect(grown).toBeLessThan(2 * LIMITS.outboundBytes);
  queue.discard();
  expect(outboundTotal()).toBe(0);
});

test("small packets, large ones and any number of them leave in their order, byte for byte", async () => {
  const got: Buffer[] = [];
  const { line, read } = reader(got);
  const queue = new OutboundQueue(line, () => undefined);
  const sent: Buffer[] = [];
  for (const count of [1, 2_000, 0, 600, 600, 3]) {
    for (let i = 0; i < count; i++) {
      const bytes = i % 500 === 7 ? Buffer.alloc(10_000, i) : acknowledgement(i);
      sent.push(bytes);
      queue.add(bytes, false);
    }
    await turn();
    if (count < 600) read();
    await turn();
  }
  queue.end();
  while (Buffer.concat(got).length < Buffer.concat(sent).length) {
    read();
    await turn();
  }
  expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
  expect(outboundTotal()).toBe(0);
});
