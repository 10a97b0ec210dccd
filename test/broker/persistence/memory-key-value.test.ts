import { expect, test } from "@jest/globals";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { keyValueContract } from "./key-value-contract";

keyValueContract("memory", async () => new MemoryKeyValue());

test("a hundred thousand keys in any order stay sorted, and go again", async () => {
  const store = new MemoryKeyValue();
  const keys = Array.from({ length: 100_000 }, (_, i) => `k/${((i * 7919) % 100_000).toString().padStart(6, "0")}`);
  await store.batch(keys.map((key) => ({ type: "put", key, value: Buffer.alloc(0) })));
  expect(store.size).toBe(100_000);
  const found = [...(await store.range({ gte: "k/", lt: "k0" }))].map(([key]) => key);
  expect(found).toEqual([...keys].sort());
  await store.batch(keys.map((key) => ({ type: "del", key })));
  expect([...(await store.range({ gte: "", lt: "~" }))]).toEqual([]);
});
