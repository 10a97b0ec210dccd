import { Duplex } from "node:stream";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { closingDelays } from "../../broker/src/closing-delays";
import { Gate } from "../../broker/src/gate";
import { LIMITS } from "../../broker/src/limits";

test("connections end in batches, in order, with pauses that are not all alike, and within the limit", () => {
  const randoms = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 100, maxLength: 100 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LIMITS.connections }), randoms, (count, values) => {
      let next = 0;
      const delays = closingDelays(count, () => values[next++ % values.length]!);
      expect(delays).toHaveLength(count);
      const batches = new Map<number, number>();
      for (const delay of delays) batches.set(delay, (batches.get(delay) ?? 0) + 1);
      expect(delays.every((delay, i) => i === 0 || delay >= delays[i - 1]!)).toBe(true);
      expect(Math.max(0, ...batches.values())).toBeLessThanOrEqual(LIMITS.closingBatch);
      const most = (LIMITS.connections / LIMITS.closingBatch) * 1.5 * LIMITS.closingPauseMs;
      expect(delays.at(-1) ?? 0).toBeLessThanOrEqual(most);
    }),
  );
});

test("an abandoned connection is neither read nor written, and ends when it is its turn", async () => {
  const written: Buffer[] = [];
  const line = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      written.push(chunk);
      done();
    },
  });
  const gate = new Gate(line, { listener: "mqtt", address: "192.0.2.1", port: 1, certificate: undefined });
  const got: unknown[] = [];
  gate.on("data", (batch) => got.push(batch));
  const ended = new Promise<Error>((resolve) => gate.once("error", resolve));
  const closed = new Promise((resolve) => line.once("close", resolve));
  gate.abandon(new Error("this task is no longer the active one"), 30);
  expect((await ended).message).toBe("this task is no longer the active one");
  expect(line.destroyed).toBe(false);
  line.push(Buffer.from([0x10, 0]));
  gate.send({ cmd: "pingresp" });
  await closed;
  expect(written).toEqual([]);
  expect(got).toEqual([]);
});
