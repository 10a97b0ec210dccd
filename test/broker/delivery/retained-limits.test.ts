import { afterEach, describe, expect, test } from "@jest/globals";
import { Message } from "../../../broker/src/delivery/message";
import { RetainedMessages } from "../../../broker/src/delivery/retained-messages";
import { LIMITS } from "../../../broker/src/limits";
import { Journal } from "../../../broker/src/persistence/journal";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

const KIB = 1024;
const retained = (topic: string, bytes = 1): Message => new Message(topic, Buffer.alloc(bytes), 1, true);

describe("by themselves", () => {
  /** Nothing is written here: the store's memory is not what is counted. */
  const empty = (retainedBytes = LIMITS.retainedBytes): RetainedMessages => {
    const onFailure = (error: Error): never => {
      throw error;
    };
    const journal = new Journal({ store: new MemoryKeyValue(), onFailure });
    void journal.end();
    return new RetainedMessages(journal, { ...LIMITS, retainedBytes });
  };

  test("there are as many as the table of limits says and not one more; known topics still change, and one that goes makes room", () => {
    const messages = empty();
    for (let i = 0; i < LIMITS.retainedMessages; i++)
      if (!messages.set(retained(`a/${i}`))) throw new Error(`message ${i} must have room`);
    expect(messages.set(retained("one/more"))).toBe(false);
    expect(messages.set(retained("a/7", 2))).toBe(true);
    expect(messages.size).toBe(LIMITS.retainedMessages);
    expect(messages.set(retained("a/7", 0))).toBe(true);
    expect(messages.set(retained("one/more"))).toBe(true);
    expect(messages.set(retained("a/7"))).toBe(false);
  });

  test.each([
    ["payloads", (i: number) => retained(`a/${i}`, 200 * KIB)],
    // A payload of one byte: what they cost is the topic, and a level of it more than its name.
    ["long topics", (i: number) => retained(`${i}/${"x".repeat(1_000)}`)],
    ["deep topics", (i: number) => retained(`${i}${"/x".repeat(31)}`)],
  ])("%s take the memory that they may and no more", (_, message) => {
    const most = 32 * KIB * KIB;
    const messages = empty(most);
    let i = 0;
    while (messages.set(message(i))) i += 1;
    expect(i).toBeLessThan(LIMITS.retainedMessages);
    expect(messages.bytes).toBeLessThanOrEqual(most);
    expect(messages.bytes).toBeGreaterThan(most * 0.99);
    for (let at = 0; at < i; at++) messages.set(new Message(message(at).topic, Buffer.alloc(0), 1, true));
    expect([messages.size, messages.bytes]).toEqual([0, 0]);
  });
});

describe("through the broker", () => {
  let broker: TestDelivery;
  afterEach(() => broker.close());
  const texts = async (): Promise<string[]> => {
    const reader = await RawClient.connect(broker.port, "reader");
    await reader.subscribe(["#", 1]);
    const seen = (await reader.messages()).map(([topic, text]) => `${topic} ${text}`).sort();
    await reader.disconnect();
    return seen;
  };

  test("one too many is delivered and acknowledged, but not kept, and the log says so", async () => {
    broker = await startDelivery({ retainedLimits: { retainedMessages: 2, retainedBytes: 100 * KIB } });
    const live = await RawClient.connect(broker.port, "live");
    await live.subscribe(["#", 1]);
    const writer = await RawClient.connect(broker.port, "writer");
    for (const topic of ["a", "b", "c"]) await writer.publish(topic, "1", 1, true);
    expect((await live.messages()).map(([topic]) => topic)).toEqual(["a", "b", "c"]);
    expect(await broker.logs.until("retained-refused")).toMatchObject({ topic: "c" });
    await writer.publish("b", "2", 1, true);
    expect(await texts()).toEqual(["a 1", "b 2"]);
    await writer.publish("a", "", 1, true);
    await writer.publish("c", "3", 1, true);
    expect(await texts()).toEqual(["b 2", "c 3"]);
  });

  test("one too large is not kept, neither as a will nor in the place of a smaller one, which stays", async () => {
    broker = await startDelivery({ retainedLimits: { retainedMessages: 10, retainedBytes: 4 * KIB } });
    const will = { topic: "will", payload: Buffer.alloc(3 * KIB), qos: 0, retain: true } as const;
    const dying = await RawClient.connect(broker.port, "dying", { will });
    const writer = await RawClient.connect(broker.port, "writer");
    await writer.publish("a", "small", 1, true);
    await writer.publish("b", "x".repeat(2 * KIB), 1, true);
    await writer.publish("a", "x".repeat(2 * KIB), 1, true);
    await dying.drop();
    await broker.logs.until("retained-refused", ({ topic }) => topic === "will");
    expect(await texts()).toEqual(["a small", `b ${"x".repeat(2 * KIB)}`]);
    // Smaller than the one before: whatever the others take.
    await writer.publish("b", "less", 1, true);
    expect(await texts()).toEqual(["a small", "b less"]);
  });
});
