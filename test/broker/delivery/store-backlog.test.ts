import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LIMITS } from "../../../broker/src/limits";
import type { Change } from "../../../broker/src/persistence/key-value";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

/** A disk that takes its time: nothing is stored until `go`. */
class SlowKeyValue extends MemoryKeyValue {
  #go: () => void = () => undefined;
  #gone: Promise<void> | undefined;
  stop(): void {
    this.#gone = new Promise((resolve) => (this.#go = resolve));
  }
  go(): void {
    this.#go();
  }
  override async batch(changes: readonly Change[]): Promise<void> {
    await this.#gone;
    await super.batch(changes);
  }
}

let broker: TestDelivery;
let keyValue: SlowKeyValue;
beforeEach(() => {
  keyValue = new SlowKeyValue();
});
afterEach(async () => {
  // Also where the test failed before.
  keyValue.go();
  await broker.close();
});

const PAYLOAD = "x".repeat(200_000);
/** Twice what may wait for the store. */
const MESSAGES = Math.ceil((2 * LIMITS.storeBacklogBytes) / PAYLOAD.length);

test("clients that send more than the store takes are read no further until it does, and lose nothing", async () => {
  let accepted = 0;
  let onAccepted: (count: number) => void = () => undefined;
  const authorizePublish = (_: string, decide: (allowed: boolean) => void): void => {
    accepted += 1;
    decide(true);
    onAccepted(accepted);
  };
  broker = await startDelivery({ keyValue, authorizePublish });
  const [publisher, other] = await Promise.all(["publisher", "other"].map((id) => RawClient.connect(broker.port, id)));
  keyValue.stop();
  const fits = Math.floor(LIMITS.storeBacklogBytes / PAYLOAD.length);
  const enough = new Promise<void>((resolve) => (onAccepted = (count) => count >= fits && resolve()));
  for (let i = 1; i <= MESSAGES; i++) publisher!.sendPublish("a", PAYLOAD, 1, { retain: true, messageId: i });
  await enough;
  // Whoever asks nothing of the store is served, and gives the broker time to read on, if it did.
  for (let i = 0; i < 20; i++) await other!.ping();
  await other!.publish("b", "x", 0);
  expect(accepted).toBeLessThanOrEqual(fits + 2);

  keyValue.go();
  for (let i = 1; i <= MESSAGES; i++) expect(await publisher!.next("puback")).toMatchObject({ messageId: i });
  expect(broker.failures).toEqual([]);
});

test("clients that subscribe without end wait for the store, too", async () => {
  let asked = 0;
  const maySubscribe = (): boolean => (asked += 1) > 0;
  broker = await startDelivery({ keyValue, policy: { maySubscribe } });
  // Two identities, none of which asks for more filters than it may at once.
  const readers = await Promise.all(["one", "two"].map((id) => RawClient.connect(broker.port, id, { clean: false })));
  const other = await RawClient.connect(broker.port, "other");
  keyValue.stop();
  const subscriptions = Array.from({ length: LIMITS.filtersPerSubscribe }, (_, i) => ({
    topic: `${"a".repeat(1_000)}${i}`,
    qos: 1 as const,
  }));
  const bytes = subscriptions.length * 2_000;
  const packets = Math.ceil((2 * LIMITS.storeBacklogBytes) / bytes / readers.length);
  expect(packets * subscriptions.length).toBeLessThan(LIMITS.filterBurst);
  for (let i = 1; i <= packets; i++)
    for (const reader of readers) reader.send({ cmd: "subscribe", messageId: i, subscriptions });
  const most = Math.ceil(LIMITS.storeBacklogBytes / bytes + 1 + readers.length) * subscriptions.length;
  let before = -1;
  while (before < asked) {
    before = asked;
    for (let i = 0; i < 20; i++) await other.ping();
  }
  expect(asked).toBeLessThanOrEqual(most);

  keyValue.go();
  for (let i = 1; i <= packets; i++)
    for (const reader of readers) expect(await reader.next("suback")).toMatchObject({ messageId: i });
});
