import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Change, KeyValue } from "../../../broker/src/persistence/key-value";

const bytes = (text: string): Buffer => Buffer.from(text);
const put = (key: string, value: string): Change => ({ type: "put", key, value: bytes(value) });
const del = (key: string): Change => ({ type: "del", key });
const ALL = { gte: "", lt: "~" };

/** What every back end of the sessions must do. @param open an empty store, each time */
export function keyValueContract(name: string, open: () => Promise<KeyValue>): void {
  describe(`${name} as a key-value store`, () => {
    let store: KeyValue;
    let closed: boolean;

    beforeEach(async () => {
      store = await open();
      closed = false;
    });
    afterEach(async () => {
      if (!closed) await store.close();
    });

    const content = async (range = ALL): Promise<(readonly [string, string])[]> =>
      [...(await store.range(range))].map(([key, value]) => [key, value.toString()]);

    test("a value that was put is read again, byte by byte", async () => {
      const value = Buffer.from([0, 255, 10, 13, 0]);
      await store.batch([{ type: "put", key: "a", value }]);
      expect(await store.get("a")).toEqual(value);
    });

    test("an empty value is a value, a key that was never put has none", async () => {
      await store.batch([put("a", "")]);
      expect(await store.get("a")).toHaveLength(0);
      expect(await store.get("b")).toBeUndefined();
    });

    test("values of any length, made for two stores at a time, are each their own", async () => {
      const other = await open();
      const LENGTHS = [0, 1, 16_379, 16_380, 16_381, 16_384, 16_385, 40_000, 2];
      const made = [store, other].map((here) => {
        // Of length 0 it has no memory at all.
        const values = LENGTHS.map((length, at) => [`${at}`, randomBytes(length)] as const);
        const [first, second] = [values.slice(0, 5), values.slice(5)].map((part) =>
          here.batch(part.map(([key, value]) => ({ type: "put", key, value }))),
        );
        return { here, values, stored: Promise.all([first, second]) };
      });
      for (const { here, values, stored } of made) {
        await stored;
        expect(Object.fromEntries(await here.range(ALL))).toEqual(Object.fromEntries(values));
      }
      await other.close();
    });

    test("the last change of a key in a batch counts", async () => {
      await store.batch([put("a", "1"), del("a"), put("a", "2"), put("b", "1"), del("b")]);
      expect(await content()).toEqual([["a", "2"]]);
    });

    test("deleting what is not there changes nothing", async () => {
      await store.batch([put("a", "1"), del("b")]);
      expect(await content()).toEqual([["a", "1"]]);
    });

    test("a range has its first key, not its last, and both in ascending order of the bytes", async () => {
      await store.batch(["b", "B", "a/2", "a/10", "a", "c"].map((key) => put(key, key)));
      expect((await content({ gte: "a", lt: "c" })).map(([key]) => key)).toEqual(["a", "a/10", "a/2", "b"]);
    });

    test("a range of a prefix has all that begins with it, and nothing else", async () => {
      await store.batch(["q/a/1", "q/a/2", "q/a0", "q/ab/1", "q/a", "r/a/1"].map((key) => put(key, "")));
      expect((await content({ gte: "q/a/", lt: "q/a0" })).map(([key]) => key)).toEqual(["q/a/1", "q/a/2"]);
    });

    test("a range with a limit has the first so many", async () => {
      await store.batch(["a", "b", "c"].map((key) => put(key, "")));
      expect([...(await store.range({ ...ALL, limit: 2 }))]).toHaveLength(2);
      expect([...(await store.range({ ...ALL, limit: 0 }))]).toHaveLength(0);
    });

    test("batches that were not waited for are made in the order of the calls", async () => {
      await Promise.all(Array.from({ length: 50 }, (_, i) => store.batch([put("a", `${i}`)])));
      expect(await content()).toEqual([["a", "49"]]);
    });

    test("a range shows no batch in part", async () => {
      const batches = Array.from({ length: 20 }, (_, i) => store.batch([put("a", `${i}`), put("b", `${i}`)]));
      const seen = await Promise.all(Array.from({ length: 20 }, () => content()));
      await Promise.all(batches);
      for (const entries of seen) expect(new Set(entries.map(([, value]) => value)).size).toBeLessThanOrEqual(1);
    });

    test("a closed store refuses instead of pretending", async () => {
      await store.close();
      closed = true;
      await expect(store.batch([put("a", "1")])).rejects.toThrow();
      await expect(store.get("a")).rejects.toThrow();
      await expect(store.range(ALL)).rejects.toThrow();
    });

    test("whatever is put and deleted, it holds what a sorted map would", async () => {
      const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "%", "0", "9"), minLength: 1, maxLength: 5 });
      const change = fc.oneof(
        fc.record({ type: fc.constant("put" as const), key, value: fc.string({ maxLength: 3 }) }),
        fc.record({ type: fc.constant("del" as const), key, value: fc.constant("") }),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(change, { maxLength: 20 }), { maxLength: 8 }),
          key,
          async (batches, from) => {
            const here = await open();
            const model = new Map<string, string>();
            for (const batch of batches) {
              await here.batch(batch.map((c) => (c.type === "put" ? put(c.key, c.value) : del(c.key))));
              for (const { type, key: at, value } of batch) {
                if (type === "put") model.set(at, value);
                else model.delete(at);
              }
            }
            const expected = [...model].filter(([at]) => at >= from).sort(([a], [b]) => (a < b ? -1 : 1));
            const found = [...(await here.range({ gte: from, lt: "~" }))].map(([at, value]) => [at, value.toString()]);
            await here.close();
            expect(found).toEqual(expected);
          },
        ),
        { numRuns: 50 },
      );
    });
  });
}
