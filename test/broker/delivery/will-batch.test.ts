import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Change } from "../../../broker/src/persistence/key-value";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

/* What belongs together is stored together: a crash finds a will still stored, or published, never neither nor both. */

class Batches extends MemoryKeyValue {
  readonly #seen: string[][] = [];
  #notify: () => void = () => undefined;

  override async batch(changes: readonly Change[]): Promise<void> {
    await super.batch(changes);
    this.#seen.push(changes.map(({ type, key }) => `${type} ${key}`));
    this.#notify();
  }

  /** The first batch with this change, from now on. */
  async with(change: string): Promise<readonly string[]> {
    for (this.#seen.length = 0; ;) {
      const found = this.#seen.find((batch) => batch.includes(change));
      if (found) return found;
      await new Promise<void>((resolve) => (this.#notify = resolve));
    }
  }
}

let store: Batches;
let broker: TestDelivery;
beforeEach(async () => {
  store = new Batches();
  broker = await startDelivery({ keyValue: store });
  const reader = await RawClient.connect(broker.port, "reader", { clean: false });
  await reader.subscribe(["a/#", 2]);
  await reader.disconnect();
});
afterEach(() => broker.close());

const willOf = (text: string, qos: 0 | 1 | 2, retain = false) =>
  ({ topic: "a/b", payload: Buffer.from(text), qos, retain }) as const;
const publishes = (change: string): boolean => /^put (message|retained)\//.test(change);

test.each([
  { qos: 0, retain: true },
  { qos: 1, retain: false },
  { qos: 1, retain: true },
  { qos: 2, retain: false },
] as const)("a will at QoS $qos, retain $retain, is forgotten in the batch that publishes it", async (kind) => {
  const client = await RawClient.connect(broker.port, "gw", { will: willOf("offline", kind.qos, kind.retain) });
  const forgotten = store.with("del will/gw");
  await client.drop();
  const batch = await forgotten;
  expect(batch).toContain("del admission/gw");
  expect(batch.some(publishes)).toBe(true);
});

test("a will of who says DISCONNECT is forgotten and not published", async () => {
  const client = await RawClient.connect(broker.port, "gw", { will: willOf("offline", 1, true) });
  const forgotten = store.with("del will/gw");
  await client.disconnect();
  expect((await forgotten).some(publishes)).toBe(false);
  expect(await store.get("retained/a%2Fb")).toBeUndefined();
});

test("in a takeover the former connection's will is published, and the next one's stays stored", async () => {
  await RawClient.connect(broker.port, "gw", { will: willOf("former", 1, true) });
  const published = store.with("put retained/a%2Fb");
  const next = await RawClient.connect(broker.port, "gw", { will: willOf("next", 1, true) });
  expect(await published).not.toContain("del will/gw");
  await next.ping();
  expect((await store.get("will/gw"))?.toString()).toContain("next");
  expect((await store.get("retained/a%2Fb"))?.toString()).toContain("former");
});
