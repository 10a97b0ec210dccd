import { Duplex } from "node:stream";
import { afterEach, expect, jest, test } from "@jest/globals";
import { LIMITS } from "../../broker/src/limits";
import { OutboundQueue, outboundTotal } from "../../broker/src/outbound-queue";

afterEach(() => {
  jest.useRealTimers();
});

const bytes = (count: number): Buffer => Buffer.alloc(count, "x");
const runTurn = (): void => void jest.advanceTimersByTime(0);

test("a client that stops reading is cut off in time, also where nothing is ever sent to it again", () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask"] });
  const before = outboundTotal();
  const line = new Duplex({ read: () => undefined, write: () => undefined });
  const ends: string[] = [];
  const queue: OutboundQueue = new OutboundQueue(line, (error) => {
    ends.push(error.message);
    queue.discard();
  });
  queue.add(bytes(LIMITS.outboundBytes + 1), false);
  runTurn();
  expect(queue.isCongested).toBe(true);
  jest.advanceTimersByTime(LIMITS.drainMs);
  expect(ends).toEqual([]);
  jest.advanceTimersByTime(LIMITS.drainMs);
  expect(ends).toEqual([`slow consumer: has not read for ${LIMITS.drainMs} ms`]);
  expect(outboundTotal()).toBe(before);
  expect(jest.getTimerCount()).toBe(0);
});

test("a client on a slow line that reads all the time is not taken for one that does not", () => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask"] });
  /** Bytes a second: all that waits takes three times as long as one who does not read is borne. */
  const pace = LIMITS.outboundBytes / (3 * (LIMITS.drainMs / 1000));
  const written: Buffer[] = [];
  const line = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      written.push(chunk);
      setTimeout(done, (chunk.length / pace) * 1000);
    },
  });
  const ends: string[] = [];
  const queue = new OutboundQueue(line, (error) => ends.push(error.message));
  const packets = [bytes(LIMITS.outboundBytes - 200_000), bytes(7), bytes(200_001), bytes(3)];
  for (const packet of packets) queue.add(packet, false);
  for (let waited = 0; waited < 4 * LIMITS.drainMs; waited += 1_000) {
    jest.advanceTimersByTime(1_000);
    // What comes meanwhile is looked at, too.
    if (queue.isCongested) queue.add(bytes(1), true);
  }
  expect(ends).toEqual([]);
  expect(queue.waiting).toBe(0);
  expect(Buffer.concat(written).equals(Buffer.concat(packets))).toBe(true);
  queue.discard();
});
