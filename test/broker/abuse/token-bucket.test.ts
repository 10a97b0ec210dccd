import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { BoundedMap } from "../../../broker/src/abuse/bounded-map";
import { CountByKey } from "../../../broker/src/abuse/count-by-key";
import { RateByKey } from "../../../broker/src/abuse/rate-by-key";
import { TokenBucket } from "../../../broker/src/abuse/token-bucket";

test("no sequence of requests gets more than the burst and the rate allow, and none is refused within them", () => {
  const steps = fc.array(
    fc.record({ wait: fc.integer({ min: 0, max: 3_000 }), count: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 5, max: 50 }),
      steps,
      (perSecond, burst, requests) => {
        let now = 0;
        const bucket = new TokenBucket({ perSecond, burst }, () => now);
        let taken = 0;
        for (const { wait, count } of requests) {
          now += wait;
          const most = burst + (now / 1000) * perSecond;
          if (bucket.tryTake(count)) taken += count;
          expect(taken).toBeLessThanOrEqual(most + 1e-6);
        }
      },
    ),
  );
});

test("who waits as long as it is told keeps exactly to the rate", () => {
  let now = 0;
  const bucket = new TokenBucket({ perSecond: 10, burst: 1 }, () => now);
  expect(bucket.take()).toBe(0);
  for (let i = 1; i <= 20; i += 1) now += bucket.take();
  expect(now).toBeCloseTo(2_000);
});

test("a clock that stands still gives nothing", () => {
  const bucket = new TokenBucket({ perSecond: 1_000, burst: 2 }, () => 5);
  expect([bucket.tryTake(), bucket.tryTake(), bucket.tryTake()]).toEqual([true, true, false]);
});

test("each key has a bucket of its own, and the table never grows beyond its bound", () => {
  const rates = new RateByKey({ rate: { perSecond: 1, burst: 1 }, entries: 3, now: () => 0 });
  expect([rates.tryTake("a"), rates.tryTake("a"), rates.tryTake("b")]).toEqual([true, false, true]);
});

test("a bounded map keeps what was used last", () => {
  const keys = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), keys, (capacity, uses) => {
      const map = new BoundedMap<number, number>(capacity);
      for (const key of uses) if (map.get(key) === undefined) map.set(key, key);
      const latest = [...new Set([...uses].reverse())].slice(0, capacity);
      expect(map.size).toBe(latest.length);
      expect(latest.every((key) => map.get(key) === key)).toBe(true);
    }),
  );
});

test("a count never passes its limits, and is what is open", () => {
  const opens = fc.array(fc.record({ key: fc.constantFrom("a", "b", "c"), close: fc.boolean() }), { maxLength: 80 });
  fc.assert(
    fc.property(opens, (steps) => {
      const counts = new CountByKey({ total: 5, perKey: 3 });
      const open: { key: string; close: () => void }[] = [];
      for (const { key, close } of steps) {
        if (close) {
          const one = open.shift();
          one?.close();
          // Once more changes nothing.
          one?.close();
          continue;
        }
        const reason =
          open.length >= 5
            ? "too many in all"
            : open.filter((one) => one.key === key).length >= 3
              ? "too many of this one"
              : undefined;
        const opened = counts.open(key);
        if (typeof opened === "function") open.push({ key, close: opened });
        expect(typeof opened === "function" ? undefined : opened.reason).toBe(reason);
      }
      expect(counts.total).toBe(open.length);
      for (const key of ["a", "b", "c"]) expect(counts.of(key)).toBe(open.filter((one) => one.key === key).length);
      expect(counts.total).toBeLessThanOrEqual(5);
    }),
  );
});
