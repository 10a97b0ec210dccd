import { afterEach, describe, expect, test } from "@jest/globals";
import type { DeliveryPolicy } from "../../../broker/src/delivery/delivery-policy";
import type { Change } from "../../../broker/src/persistence/key-value";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { startBareAedes } from "../bare-aedes";
import { RawClient } from "./raw-client";
import { startDelivery, type DeliveryChanges, type TestDelivery } from "./start-delivery";

/* What is in the store, and only that, is there after a restart; and nothing is acknowledged before it is in the store. */

let broker: TestDelivery | undefined;
afterEach(async () => {
  await broker?.close();
  broker = undefined;
});
/** Ends the broker, if one runs, and starts one over the same store. */
const start = async (keyValue: MemoryKeyValue, changes: DeliveryChanges = {}): Promise<number> => {
  await broker?.close();
  broker = await startDelivery({ ...changes, keyValue });
  return broker.port;
};
const resume = (clientId: string): Promise<RawClient> => RawClient.connect(broker!.port, clientId, { clean: false });
const texts = async (client: RawClient): Promise<string[]> => (await client.messages()).map(([, text]) => text);

describe("after a restart", () => {
  test("sessions, subscriptions and queues are there, in their order and with their identifiers", async () => {
    const store = new MemoryKeyValue();
    await start(store);
    const reader = await resume("reader");
    await reader.subscribe(["a/#", 2]);
    const writer = await RawClient.connect(broker!.port, "writer");
    for (let i = 0; i < 5; i++) await writer.publish(`a/${i}`, `${i}`, i % 2 ? 1 : 2);
    const sent = (await reader.all()).map(({ messageId }) => messageId);
    expect(sent).toHaveLength(5);

    const port = await start(store);
    const again = await resume("reader");
    expect(again.sessionPresent).toBe(true);
    const repeated = await again.all();
    expect(repeated.map(({ messageId }) => messageId)).toEqual(sent);
    expect(repeated.every((packet) => "dup" in packet && packet.dup === true)).toBe(true);
    const late = await RawClient.connect(port, "late");
    await late.publish("a/new", "new", 1);
    expect(await texts(again)).toEqual(["new"]);
  });

  test("an identifier that is still in use is not given to a new message [MQTT-2.3.1-4]", async () => {
    const store = new MemoryKeyValue();
    await start(store);
    const reader = await resume("reader");
    await reader.subscribe(["a", 1]);
    const writer = await RawClient.connect(broker!.port, "writer");
    for (let i = 0; i < 3; i++) await writer.publish("a", "x", 1);
    const [first, second] = [await reader.message(), await reader.message()];
    // The first one stays unacknowledged.
    reader.send({ cmd: "puback", messageId: second.messageId });
    await reader.ping();
    const port = await start(store);
    const again = await resume("reader");
    const late = await RawClient.connect(port, "late");
    for (let i = 0; i < 3; i++) await late.publish("a", "y", 1);
    const ids = (await again.all()).map(({ messageId }) => messageId);
    expect(ids).toContain(first.messageId);
    expect(new Set(ids).size).toBe(5);
  });

  test("a message at QoS 2 is delivered once, however often the publisher repeats it", async () => {
    const store = new MemoryKeyValue();
    await start(store);
    const reader = await resume("reader");
    await reader.subscribe(["a", 1]);
    await reader.disconnect();
    const writer = await resume("writer");
    writer.sendPublish("a", "x", 2, { messageId: 5 });
    await writer.next("pubrec");
    await start(store);
    const again = await resume("writer");
    again.sendPublish("a", "x", 2, { messageId: 5, dup: true });
    await again.next("pubrec");
    again.send({ cmd: "pubrel", messageId: 5 });
    await again.next("pubcomp");
    expect(await texts(await resume("reader"))).toEqual(["x"]);
  });

  test("a message that PUBREC was got for is not sent again, its PUBREL is", async () => {
    const store = new MemoryKeyValue();
    await start(store);
    const reader = await resume("reader");
    await reader.subscribe(["a", 2]);
    const writer = await RawClient.connect(broker!.port, "writer");
    await writer.publish("a", "x", 2);
    const { messageId } = await reader.message();
    reader.send({ cmd: "pubrec", messageId });
    await reader.next("pubrel");
    await start(store);
    expect((await (await resume("reader")).all()).map((packet) => [packet.cmd, packet.messageId])).toEqual([
      ["pubrel", messageId],
    ]);
  });

  test("retained messages are there, those that were removed are not", async () => {
    const store = new MemoryKeyValue();
    await start(store);
    const writer = await RawClient.connect(broker!.port, "writer");
    await writer.publish("ä/b", "kept", 1, true);
    await writer.publish("c", "removed", 1, true);
    await writer.publish("c", "", 1, true);
    await start(store);
    const reader = await RawClient.connect(broker!.port, "reader");
    await reader.subscribe(["#", 1]);
    expect(await reader.messages()).toEqual([["ä/b", "kept", 1, "retain"]]);
  });

  test("a clean session, a session that ended and all they had have left nothing behind", async () => {
    const store = new MemoryKeyValue();
    await start(store);
    const [kept, clean] = [await resume("kept"), await RawClient.connect(broker!.port, "clean")];
    for (const client of [kept, clean]) await client.subscribe(["a", 2]);
    clean.sendPublish("a", "x", 2, { messageId: 3 });
    kept.sendPublish("a", "y", 2, { messageId: 3 });
    await Promise.all([clean.next("pubrec"), kept.next("pubrec")]);
    expect(store.size).toBeGreaterThan(5);
    await (await RawClient.connect(broker!.port, "kept")).disconnect();
    await clean.disconnect();
    await Promise.all([broker!.gone("kept"), broker!.gone("clean")]);
    await start(store);
    expect(store.size).toBe(0);
  });

  test("a will is published when its client does not come back, and not when it does", async () => {
    const store = new MemoryKeyValue();
    const will = (text: string) => ({ topic: "will", payload: Buffer.from(text), qos: 0, retain: false }) as const;
    await start(store);
    for (const name of ["back", "gone", "refused"])
      await RawClient.connect(broker!.port, name, { clean: false, will: will(name) });
    await start(store, { policy: { mayPublish: (identity) => identity !== "refused" } });
    const watcher = await RawClient.connect(broker!.port, "watcher");
    await watcher.subscribe(["will", 1]);
    await resume("back");
    broker!.delivery.publishOrphanedWills();
    broker!.delivery.publishOrphanedWills();
    expect(await texts(watcher)).toEqual(["gone"]);
  });

  test("a will outlives the takeover of the connection before it", async () => {
    const store = new MemoryKeyValue();
    const will = { topic: "will", payload: Buffer.from("x"), qos: 0, retain: false } as const;
    await start(store);
    const first = await RawClient.connect(broker!.port, "client", { will });
    await RawClient.connect(broker!.port, "client", { will });
    await first.closed();
    await start(store);
    const watcher = await RawClient.connect(broker!.port, "watcher");
    await watcher.subscribe(["will", 1]);
    broker!.delivery.publishOrphanedWills();
    expect(await texts(watcher)).toEqual(["x"]);
  });

  test("what is no longer granted is dropped before anybody connects", async () => {
    const store = new MemoryKeyValue();
    await start(store);
    const reader = await resume("reader");
    await reader.subscribe(["a", 1], ["b", 1]);
    await reader.disconnect();
    await (await resume("former")).disconnect();
    const writer = await RawClient.connect(broker!.port, "writer");
    await writer.publish("a", "x", 1);
    await writer.publish("b", "y", 1);
    const policy = {
      isDeclared: (identity: string) => identity !== "former",
      maySubscribe: (_: string, filter: string) => filter === "b",
      mayReceive: (_: string, topic: string) => topic === "b",
    };
    await start(store, { policy });
    expect(broker!.delivery.sessions.get("former")).toBeUndefined();
    expect([...broker!.delivery.sessions.get("reader")!.subscriptions.keys()]).toEqual(["b"]);
    // The grant comes back; what was dropped does not.
    await start(store);
    expect(await texts(await resume("reader"))).toEqual(["y"]);
  });
});

/** A store that is slow until the test lets it go on, or that fails. */
class HeldKeyValue extends MemoryKeyValue {
  held: Promise<void> = Promise.resolve();
  onBatch: () => void = () => undefined;
  override async batch(changes: readonly Change[]): Promise<void> {
    this.onBatch();
    await this.held;
    return super.batch(changes);
  }
}

describe("A3: stored, then acknowledged, then sent", () => {
  test.each([1, 2] as const)("at QoS %i nothing leaves before the store has it", async (qos) => {
    const store = new HeldKeyValue();
    const port = await start(store);
    const reader = await resume("reader");
    await reader.subscribe(["a", qos]);
    const writer = await RawClient.connect(port, "writer");
    let release!: () => void;
    store.held = new Promise((resolve) => (release = resolve));
    writer.sendPublish("a", "x", qos);
    expect(await writer.all()).toEqual([]);
    expect(await reader.all()).toEqual([]);
    release();
    await writer.next(qos === 1 ? "puback" : "pubrec");
    await reader.message();
  });

  test("a store that fails acknowledges nothing, and says so once", async () => {
    const store = new HeldKeyValue();
    const port = await start(store);
    const reader = await resume("reader");
    await reader.subscribe(["a", 1]);
    const writer = await RawClient.connect(port, "writer");
    const broken = Promise.reject(new Error("disk full"));
    broken.catch(() => undefined);
    store.held = broken;
    for (let id = 1; id <= 3; id++) {
      writer.sendPublish("a", "x", 1, { messageId: id });
      expect(await writer.all()).toEqual([]);
    }
    expect(await reader.all()).toEqual([]);
    expect(broker!.failures.map(({ message }) => message)).toEqual(["disk full"]);
  });

  test("a task that lost its lease meanwhile acknowledges nothing", async () => {
    let active = true;
    const store = new HeldKeyValue();
    const port = await start(store, { isActive: () => active });
    const reader = await resume("reader");
    await reader.subscribe(["a", 1]);
    await reader.disconnect();
    const writer = await RawClient.connect(port, "writer");
    let release!: () => void;
    store.held = new Promise((resolve) => (release = resolve));
    writer.sendPublish("a", "x", 1);
    await writer.ping();
    active = false;
    release();
    await store.range({ gte: "", lt: "~" });
    expect(await writer.all()).toEqual([]);
  });

  test("a client that goes while its will is being stored takes nothing over", async () => {
    const store = new HeldKeyValue();
    const port = await start(store);
    const client = await resume("client");
    await client.subscribe(["a", 1]);
    let release!: () => void;
    store.held = new Promise((resolve) => (release = resolve));
    const asked = new Promise<void>((resolve) => (store.onBatch = resolve));
    const late = await RawClient.open(port);
    const will = { topic: "will", payload: Buffer.from("x"), qos: 0, retain: false } as const;
    late.sendConnect("client", { clean: false, will });
    await asked;
    // Aedes says so for the wrong client: the late one was never registered.
    const ended = broker!.ended();
    await late.drop();
    await ended;
    release();
    await client.ping();
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "still here", 1);
    expect(await texts(client)).toEqual(["still here"]);
    await client.drop();
    await broker!.gone("client");
  });

  test("Aedes as it is shipped acknowledges what its store never had", async () => {
    const bare = await startBareAedes();
    const { persistence } = bare.aedes as unknown as { persistence: { outgoingEnqueueCombi: () => Promise<void> } };
    persistence.outgoingEnqueueCombi = () => new Promise(() => undefined);
    const reader = await RawClient.connect(bare.port, "reader", { clean: false });
    await reader.subscribe(["a", 1]);
    const writer = await RawClient.connect(bare.port, "writer");
    writer.sendPublish("a", "x", 1);
    await writer.next("puback");
    await bare.close();
  });
});

describe("A2: an access document that changes", () => {
  test("ends live and stored subscriptions and drops their queues at once, and leaves the others", async () => {
    const policy: { -readonly [Rule in keyof DeliveryPolicy]?: DeliveryPolicy[Rule] } = {};
    const port = await start(new MemoryKeyValue(), { policy });
    const live = await RawClient.connect(port, "live");
    await live.subscribe(["a", 1], ["b", 1]);
    const away = await resume("away");
    await away.subscribe(["a", 1], ["b", 1]);
    await away.disconnect();
    await broker!.gone("away");
    const writer = await RawClient.connect(port, "writer");
    for (const topic of ["a", "b"]) await writer.publish(topic, `${topic}1`, 1);

    policy.maySubscribe = (_, filter) => filter === "b";
    policy.mayReceive = (_, topic) => topic === "b";
    broker!.delivery.recheck();
    expect(await broker!.logs.until("subscriptions-revoked", (line) => line["clientId"] === "away")).toMatchObject({
      filters: ["a"],
      messages: 1,
    });
    for (const topic of ["a", "b"]) await writer.publish(topic, `${topic}2`, 1);
    expect(await texts(live)).toEqual(["a1", "b1", "b2"]);

    // Granted again: what was revoked stays so, until somebody subscribes.
    delete policy.maySubscribe;
    delete policy.mayReceive;
    broker!.delivery.recheck();
    for (const topic of ["a", "b"]) await writer.publish(topic, `${topic}3`, 1);
    expect(await texts(live)).toEqual(["b3"]);
    expect(await texts(await resume("away"))).toEqual(["b1", "b2", "b3"]);
  });

  test("Aedes as it is shipped delivers what was queued for a filter that was taken away", async () => {
    let granted = true;
    const bare = await startBareAedes({
      authorizeSubscribe: (_, subscription, done) => done(null, granted ? subscription : null),
    });
    const away = await RawClient.connect(bare.port, "away", { clean: false });
    await away.subscribe(["a", 1]);
    await away.disconnect();
    granted = false;
    const writer = await RawClient.connect(bare.port, "writer");
    await writer.publish("a", "x", 1);
    const again = await RawClient.connect(bare.port, "away", { clean: false });
    expect((await again.message()).payload.toString()).toBe("x");
    await bare.close();
  });
});
