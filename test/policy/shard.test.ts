import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { shardOf } from "../../policy/shard";

const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);

test("an identity's shard never changes between releases: what is deployed was sharded by it", () => {
  expect(["gw-1", "gw-2", "scada", "historian", "__proto__"].map((text) => shardOf(text, 40))).toEqual([
    38, 7, 37, 11, 17,
  ]);
});

test("when the number of shards grows, a name stays or moves to a new shard", () => {
  fc.assert(
    fc.property(name, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (text, before, more) => {
      const [old, grown] = [shardOf(text, before), shardOf(text, before + more)];
      expect(old).toBeLessThan(before);
      if (grown !== old) expect(grown).toBeGreaterThanOrEqual(before);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["gw-", 20],
  ["gw-", 40],
  ["sensor-00", 20],
  ["", 40],
])("ten thousand names like '%s1' spread evenly over %d shards", (prefix, shards) => {
  const sizes = new Map<number, number>();
  for (let index = 0; index < 10_000; index++) {
    const shard = shardOf(`${prefix}${index}`, shards);
    sizes.set(shard, (sizes.get(shard) ?? 0) + 1);
  }
  expect(sizes.size).toBe(shards);
  expect(Math.max(...sizes.values())).toBeLessThan((1.35 * 10_000) / shards);
});

test.each([0, -1, 1.5, Number.NaN])("a count of %d shards is refused", (shards) =>
  expect(() => shardOf("gw-1", shards)).toThrow(/integer from 1/),
);
