import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { LIMITS } from "../../../broker/src/limits";
import { keysOf } from "../../../broker/src/persistence/key";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

const BEGIN = Date.UTC(2026, 0, 1);

describe("a message that waits for too long", () => {
  let keyValue: MemoryKeyValue;
  let broker: TestDelivery;
  let now: number;

  const start = async (): Promise<void> => {
    broker = await startDelivery({ keyValue, now: () => now });
  };
  /** As the timer does. */
  const sweepAt = (ms: number): void => {
    now = BEGIN + ms;
    broker.delivery.expireQueued();
  };
  const resume = (): Promise<RawClient> => RawClient.connect(broker.port, "reader", { clean: false });
  const publish = async (text: string): Promise<void> => {
    const writer = await RawClient.connect(broker.port, "writer");
    await writer.publish("a", text, 1);
    await writer.disconnect();
  };
  const texts = async (client: RawClient): Promise<string[]> => (await client.messages()).map(([, text]) => text);
  const stored = async (kind: "queued" | "message" | "mark"): Promise<number> => {
    // Behind the batch of this turn, which a client's answer waits for too.
    await (await RawClient.connect(broker.port, "other", { clean: false })).disconnect();
    return [...(await keyValue.range(keysOf(kind)))].length;
  };

  beforeEach(async () => {
    now = BEGIN;
    keyValue = new MemoryKeyValue();
    await start();
    const reader = await resume();
    await reader.subscribe(["a", 1]);
    await reader.disconnect();
    await broker.gone("reader");
  });
  afterEach(() => broker.close());

  test("is dropped from queue and store, and the one behind it is delivered", async () => {
    await publish("old");
    sweepAt(1);
    await publish("young");
    sweepAt(LIMITS.queuedMs);
    expect(broker.delivery.sessions.get("reader")!.queue.length).toBe(2);
    sweepAt(LIMITS.queuedMs + 1);
    expect(broker.logs.lines.filter(({ event }) => event === "messages-expired")).toMatchObject([
      { clientId: "reader", messages: 1 },
    ]);
    expect(await texts(await resume())).toEqual(["young"]);
  });

  test("is dropped by the task after a restart too, before its client can come back", async () => {
    await publish("old");
    sweepAt(0);
    expect(await stored("mark")).toBe(1);
    await broker.close();
    now = BEGIN + LIMITS.queuedMs;
    await start();
    expect(broker.delivery.sessions.get("reader")!.queue.length).toBe(0);
    expect(await texts(await resume())).toEqual([]);
    expect([await stored("queued"), await stored("message")]).toEqual([0, 0]);
  });

  test("is kept when it may have been sent: the client may hold a part of the exchange", async () => {
    const reader = await resume();
    await publish("sent");
    await reader.drop();
    await broker.gone("reader");
    await publish("never sent");
    sweepAt(0);
    sweepAt(LIMITS.queuedMs);
    expect(await texts(await resume())).toEqual(["sent"]);
  });

  test("does not make a new one look old: places go on rising after all was delivered and the task restarted", async () => {
    await publish("delivered");
    sweepAt(0);
    const reader = await resume();
    reader.send({ cmd: "puback", messageId: (await reader.message()).messageId });
    await reader.ping();
    expect(await stored("message")).toBe(0);
    await broker.close();
    now = BEGIN + LIMITS.queuedMs - 1;
    await start();
    await publish("new");
    sweepAt(LIMITS.queuedMs);
    expect(broker.delivery.sessions.get("reader")!.queue.length).toBe(1);
  });

  test("costs one record for each time that something was stored meanwhile, and old ones go", async () => {
    await publish("one");
    for (const ms of [0, 1, 2]) sweepAt(ms);
    expect(await stored("mark")).toBe(1);
    await publish("two");
    sweepAt(3);
    expect(await stored("mark")).toBe(2);
    sweepAt(LIMITS.queuedMs + 3);
    expect(await stored("mark")).toBe(1);
  });
});
