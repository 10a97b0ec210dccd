import { expect, test } from "@jest/globals";
import type { Change } from "../../../broker/src/persistence/key-value";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { RawClient, type RawConnect } from "./raw-client";
import { startDelivery } from "./start-delivery";

/* Each batch is one sync of the disk, for which CONNACK waits. */

class CountingKeyValue extends MemoryKeyValue {
  batches = 0;

  override batch(changes: readonly Change[]): Promise<void> {
    this.batches += 1;
    return super.batch(changes);
  }
}

/** How often the store is written as a client comes and goes. */
async function batchesOf(options: RawConnect): Promise<number> {
  const keyValue = new CountingKeyValue();
  const broker = await startDelivery({ keyValue });
  const before = keyValue.batches;
  const client = await RawClient.connect(broker.port, "gw", options);
  const gone = broker.ended();
  await client.drop();
  await gone;
  await broker.close();
  return keyValue.batches - before;
}

test("a client with clean session 1 and no will comes and goes without a write to the store", async () => {
  expect(await batchesOf({ clean: true })).toBe(0);
});

test.each<[string, RawConnect]>([
  ["a will", { clean: true, will: { topic: "a", payload: Buffer.from("off"), qos: 1, retain: false } }],
  ["a session to keep", { clean: false }],
])("a client with %s is written down before its CONNACK", async (_, options) => {
  expect(await batchesOf(options)).toBeGreaterThan(0);
});
