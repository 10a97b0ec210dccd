import { afterEach, expect, test } from "@jest/globals";
import type { Change } from "../../../broker/src/persistence/key-value";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

/* A batch that is on the disk although its sync failed: nobody was told, and the next task finds it. */

class UnsyncedKeyValue extends MemoryKeyValue {
  #fails = false;
  #failed: () => void = () => undefined;

  /** The next batch is written and reported as failed. @returns when it was. */
  failNext(): Promise<void> {
    this.#fails = true;
    return new Promise((resolve) => (this.#failed = resolve));
  }

  override async batch(changes: readonly Change[]): Promise<void> {
    await super.batch(changes);
    if (!this.#fails) return;
    this.#fails = false;
    this.#failed();
    throw new Error("the sync failed");
  }
}

let broker: TestDelivery | undefined;
afterEach(async () => {
  await broker?.close();
  broker = undefined;
});
const start = async (keyValue: MemoryKeyValue): Promise<void> => {
  await broker?.close();
  broker = await startDelivery({ keyValue });
};
const resume = (clientId: string): Promise<RawClient> => RawClient.connect(broker!.port, clientId, { clean: false });

test("a QoS 2 message whose sync failed is not acknowledged, and delivered once when its publisher repeats it", async () => {
  const store = new UnsyncedKeyValue();
  await start(store);
  const reader = await resume("reader");
  await reader.subscribe(["a", 2]);
  const writer = await resume("writer");
  const failed = store.failNext();
  writer.sendPublish("a", "x", 2, { messageId: 5 });
  await failed;
  expect([await writer.all(), await reader.all()]).toEqual([[], []]);

  await start(store);
  const [again, subscriber] = [await resume("writer"), await resume("reader")];
  again.sendPublish("a", "x", 2, { messageId: 5, dup: true });
  await again.next("pubrec");
  expect((await subscriber.messages()).map(([, text]) => text)).toEqual(["x"]);
});

test("where the sync of a subscriber's PUBREC failed no PUBREL leaves, and the message does not come again", async () => {
  const store = new UnsyncedKeyValue();
  await start(store);
  const reader = await resume("reader");
  await reader.subscribe(["a", 2]);
  const writer = await resume("writer");
  await writer.publish("a", "x", 2);
  const { messageId } = await reader.message();
  const failed = store.failNext();
  reader.send({ cmd: "pubrec", messageId });
  await failed;
  expect(await reader.all()).toEqual([]);

  await start(store);
  expect((await (await resume("reader")).all()).map((packet) => [packet.cmd, packet.messageId])).toEqual([
    ["pubrel", messageId],
  ]);
});
