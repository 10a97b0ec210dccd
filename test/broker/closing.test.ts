import { Duplex } from "node:stream";
import { expect, test } from "@jest/globals";
import { closeInBatches } from "../../broker/src/close-in-batches";
import { Gate } from "../../broker/src/gate";
import { LIMITS } from "../../broker/src/limits";

/** When each of so many connections ended, in milliseconds. @param busyMs that the end of one takes. */
async function endings(count: number, random: () => number, busyMs = 0): Promise<number[]> {
  const times: number[] = [];
  const end = (): void => {
    const until = performance.now() + busyMs;
    while (performance.now() < until);
    times.push(performance.now());
  };
  await closeInBatches(Array<() => void>(count).fill(end), random);
  return times;
}
const { closingBatch, closingPauseMs } = LIMITS;
/** The pauses between the batches. A timer may be a millisecond early. */
const pausesOf = (times: readonly number[]): number[] =>
  times.flatMap((at, i) => (i > 0 && i % closingBatch === 0 ? [at - times[i - 1]! + 1] : []));

test("connections end in batches, in order, with pauses that are not all alike", async () => {
  const randoms = [0, 0.999];
  const times = await endings(2 * closingBatch + 1, () => randoms.shift()!);
  expect(times).toHaveLength(2 * closingBatch + 1);
  const [short, long] = pausesOf(times);
  expect(short).toBeGreaterThanOrEqual(0.5 * closingPauseMs);
  expect(long).toBeGreaterThanOrEqual(1.4 * closingPauseMs);
  expect(randoms).toEqual([]);
});

test("a batch that takes longer than the pause does not run into the next one", async () => {
  const times = await endings(2 * closingBatch + 1, () => 0, (2 * closingPauseMs) / closingBatch);
  for (const pause of pausesOf(times)) expect(pause).toBeGreaterThanOrEqual(0.5 * closingPauseMs);
});

test("few connections end without a pause", async () => {
  const never = (): number => {
    throw new Error("asked for a pause");
  };
  expect(await endings(closingBatch, never)).toHaveLength(closingBatch);
  expect(await endings(0, never)).toEqual([]);
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
  const end = gate.abandon(new Error("this task is no longer the active one"));
  expect((await ended).message).toBe("this task is no longer the active one");
  expect(line.destroyed).toBe(false);
  line.push(Buffer.from([0x10, 0]));
  gate.send({ cmd: "pingresp" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(line.destroyed).toBe(false);
  end();
  await closed;
  expect(written).toEqual([]);
  expect(got).toEqual([]);
});
