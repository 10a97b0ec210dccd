import { expect, test } from "@jest/globals";
import { Inbox } from "../../../broker/src/delivery/inbox";
import { LIMITS } from "../../../broker/src/limits";
import type { Packet } from "../../../broker/src/mqtt/packet";

const PACKETS = 50;

/** An inbox whose packets take a millisecond each; what it did, in order. */
const busy = () => {
  const handled: number[] = [];
  const read: string[] = [];
  let all: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (all = resolve));
  const inbox = new Inbox({
    handle: (packet, next) => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      handled.push((packet as { messageId: number }).messageId);
      next();
      if (handled.length === PACKETS) all();
    },
    onError: (error) => {
      throw error;
    },
    pause: () => read.push("pause"),
    resume: () => read.push("resume"),
    alive: () => undefined,
  });
  inbox.open();
  return { inbox, handled, read, done };
};
const packet = (messageId: number): Packet => ({ cmd: "puback", messageId });

test("many packets of one read are handled in slices, in their order, and others have their turn between", async () => {
  const { inbox, handled, read, done } = busy();
  for (let i = 0; i < PACKETS; i += 1) inbox.receive(packet(i));
  // One more than the slice may have begun in it.
  expect(handled.length).toBeLessThanOrEqual(LIMITS.handlingSliceMs + 1);
  let turns = 0;
  const count = (): void => {
    turns += 1;
    if (handled.length < PACKETS) setImmediate(count);
  };
  setImmediate(count);
  await done;
  expect(handled).toEqual(Array.from({ length: PACKETS }, (_, i) => i));
  expect(turns).toBeGreaterThanOrEqual(PACKETS / (LIMITS.handlingSliceMs + 1) - 1);
  await new Promise(setImmediate);
  expect(read[0]).toBe("pause");
  expect(read.at(-1)).toBe("resume");
});

test("what waits for its slice when the connection goes is not handled", async () => {
  const { inbox, handled } = busy();
  for (let i = 0; i < PACKETS; i += 1) inbox.receive(packet(i));
  const before = handled.length;
  inbox.close();
  for (let i = 0; i < 3; i += 1) await new Promise(setImmediate);
  expect(handled).toHaveLength(before);
});
