import { afterEach, describe, expect, test } from "@jest/globals";
import { encodeMessage, Message } from "../../../broker/src/delivery/message";
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

  describe("of one identity", () => {
    const fill = (messages: RetainedMessages, identity: string, message: (topic: string) => Message): number => {
      let kept = 0;
      while (messages.set(message(`${identity}/${kept}`), identity)) kept += 1;
      return kept;
    };
    const most = 32 * KIB * KIB;

    test.each([
      ["many", LIMITS.retainedBytes, (topic: string) => retained(topic)],
      ["large", most, (topic: string) => retained(topic, 200 * KIB)],
      ["deep", most, (topic: string) => retained(`${topic}${"/x".repeat(30)}`)],
    ])("%s ones leave room for every other's", (_, bytes, message) => {
      const messages = empty(bytes);
      const first = fill(messages, "first", message);
      const second = fill(messages, "second", message);
      // Each gets as much as it leaves.
      expect(second / first).toBeGreaterThan(0.6);
      expect(second / first).toBeLessThan(0.7);
      for (let i = 0; i < 5; i++) fill(messages, `greedy-${i}`, message);
      expect(messages.set(retained("gw-1/state"), "gw-1")).toBe(true);
      expect(messages.set(retained("gw-1/state", 2), "gw-1")).toBe(true);
    });

    test("without an owner they fill it all: the control", () => {
      const messages = empty();
      for (let i = 0; i < LIMITS.retainedMessages; i++) messages.set(retained(`a/${i}`));
      expect(messages.set(retained("gw-1/state"), "gw-1")).toBe(false);
    });

    test("what goes, or is another's by now, counts no more", () => {
      const messages = empty();
      const kept = fill(messages, "first", retained);
      expect(messages.set(retained("one/more"), "first")).toBe(false);
      expect(messages.set(retained("first/7", 0), "gw-1")).toBe(true);
      expect(messages.set(retained("one/more"), "first")).toBe(true);
      expect(messages.set(retained("two/more"), "first")).toBe(false);
      expect(messages.set(retained("first/8", 2), "gw-1")).toBe(true);
      expect(messages.set(retained("two/more"), "first")).toBe(true);
      expect(messages.set(retained("three/more"), "first")).toBe(false);
      expect(messages.size).toBe(kept + 1);
    });

    test("what the store held is nobody's, until it is published again", () => {
      const before = empty();
      const kept = fill(before, "first", retained);
      const messages = empty();
      for (let i = 0; i < kept; i++) messages.restore(encodeMessage(retained(`first/${i}`)));
      for (let i = 0; i < kept; i++) expect(messages.set(retained(`first/${i}`), "first")).toBe(true);
      expect(messages.set(retained("one/more"), "first")).toBe(false);
    });
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

  test("who keeps as many as an identity may is refused the next one, as a will, too; another's is kept", async () => {
    broker = await startDelivery({ retainedLimits: { retainedMessages: 3_000, retainedBytes: 100 * KIB * KIB } });
    const will = { topic: "will", payload: Buffer.from("gone"), qos: 0, retain: true } as const;
    const greedy = await RawClient.connect(broker.port, "greedy", { will });
    const kept = LIMITS.retainedInAnyCase;
    for (let i = 0; i <= kept; i++) await greedy.publish(`a/${i}`, "1", 1, true);
    expect(await broker.logs.until("retained-refused")).toMatchObject({ identity: "greedy", topic: `a/${kept}` });
    await greedy.drop();
    await broker.logs.until("retained-refused", ({ identity, topic }) => identity === "greedy" && topic === "will");
    const other = await RawClient.connect(broker.port, "other");
    await other.publish("b", "2", 1, true);
    expect(broker.delivery.retained.size).toBe(kept + 1);
    expect(broker.delivery.retained.match("b").found).toHaveLength(1);
  });
});
