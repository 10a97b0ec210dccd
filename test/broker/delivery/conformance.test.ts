import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { LIMITS } from "../../../broker/src/limits";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

/* MQTT 3.1.1, packet by packet: what a session, a retained message, a will and each QoS promise. */

let broker: TestDelivery;
let port: number;
beforeEach(async () => {
  broker = await startDelivery();
  ({ port } = broker);
});
afterEach(() => broker.close());

const resume = (clientId: string): Promise<RawClient> => RawClient.connect(port, clientId, { clean: false });
/** A session that subscribed and whose client is away. */
const absent = async (clientId: string, filter: string, qos: 0 | 1 | 2): Promise<void> => {
  const client = await resume(clientId);
  await client.subscribe([filter, qos]);
  await client.disconnect();
  await broker.gone(clientId);
};

describe("sessions", () => {
  test("clean session 1 forgets: subscriptions, queue and the session before it [MQTT-3.1.2-6]", async () => {
    await absent("reader", "a", 1);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "queued", 1);
    const clean = await RawClient.connect(port, "reader");
    expect(clean.sessionPresent).toBe(false);
    expect(await clean.messages()).toEqual([]);
    await writer.publish("a", "live", 1);
    expect(await clean.messages()).toEqual([]);
    await clean.disconnect();
    expect((await resume("reader")).sessionPresent).toBe(false);
  });

  test("clean session 0 keeps them, and says so [MQTT-3.1.2-4] [MQTT-3.2.2-2]", async () => {
    await absent("reader", "a/+", 1);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a/1", "queued", 1);
    const reader = await resume("reader");
    expect(reader.sessionPresent).toBe(true);
    await writer.publish("a/2", "live", 1);
    expect(await reader.messages()).toEqual([
      ["a/1", "queued", 1, ""],
      ["a/2", "live", 1, ""],
    ]);
  });

  test("what was unsubscribed is not queued any more, and UNSUBACK comes also for what never was [MQTT-3.10.4-5]", async () => {
    const first = await resume("reader");
    await first.subscribe(["a", 1], ["b", 1]);
    first.send({ cmd: "unsubscribe", messageId: 7, unsubscriptions: ["a", "never"] });
    expect(await first.next("unsuback")).toMatchObject({ messageId: 7 });
    await first.disconnect();
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "x", 1);
    await writer.publish("b", "y", 1);
    expect(await (await resume("reader")).messages()).toEqual([["b", "y", 1, ""]]);
  });

  test("a takeover ends the former connection, and hands on what it did not acknowledge [MQTT-3.1.4-2]", async () => {
    const first = await resume("reader");
    await first.subscribe(["a", 1]);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "x", 1);
    await first.message();
    const second = await resume("reader");
    await first.closed();
    expect(second.sessionPresent).toBe(true);
    expect(await second.messages()).toEqual([["a", "x", 1, "dup"]]);
  });

  test("a window of large messages that was not acknowledged comes again, and does not cut its client off", async () => {
    const bytes = 40_000;
    const count = Math.ceil((1.5 * LIMITS.outboundMostBytes) / bytes);
    await absent("reader", "a", 1);
    const writer = await RawClient.connect(port, "writer");
    for (let i = 0; i < count; i += 1) await writer.publish("a", "x".repeat(bytes), 1);
    for (const flags of ["", "dup"]) {
      const reader = await resume("reader");
      for (let i = 0; i < count; i += 1) expect((await reader.message()).dup ? "dup" : "").toBe(flags);
      await reader.drop();
      await broker.gone("reader");
    }
  });

  test("a clean takeover leaves nothing to the one that comes after it", async () => {
    const first = await resume("reader");
    await first.subscribe(["a", 1]);
    const second = await RawClient.connect(port, "reader");
    await first.closed();
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "x", 1);
    expect(await second.messages()).toEqual([]);
  });

  test("a session belongs to its identity: another one under its ClientId finds a new one", async () => {
    const session = broker.delivery.sessions;
    await absent("reader", "a", 1);
    expect(session.present("reader", "reader")).toBe(true);
    expect(session.present("reader", "stranger")).toBe(false);
  });

  test("QoS 0 is not queued for who is away", async () => {
    await absent("reader", "a", 1);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "x", 0);
    expect(await (await resume("reader")).messages()).toEqual([]);
  });

  test("a session whose client stays away longer than it may is dropped with its queue", async () => {
    await absent("reader", "a", 1);
    const { sessions } = broker.delivery;
    sessions.expire(Date.now() + 1_000, 60_000);
    expect(sessions.get("reader")).toBeDefined();
    sessions.expire(Date.now() + 61_000, 60_000);
    expect(sessions.get("reader")).toBeUndefined();
    expect((await resume("reader")).sessionPresent).toBe(false);
  });
});

describe("sessions that cost nothing to make", () => {
  test("one more than an identity may have displaces the one whose client is away for longest", async () => {
    const { sessions } = broker.delivery;
    const first = await resume("tab~0");
    for (let i = 1; i < 16; i++) await absent(`tab~${i}`, "a", 1);
    await absent("other", "a", 1);
    sessions.get("tab~7")!.since = 1;
    await absent("tab~16", "a", 1);
    expect(sessions.get("tab~7")).toBeUndefined();
    expect(sessions.get("tab~0")).toBeDefined();
    expect(sessions.get("other")).toBeDefined();
    expect(sessions.size).toBe(17);
    await broker.logs.until("session-displaced", ({ clientId }) => clientId === "tab~7");
    await first.disconnect();
  });

  test("a full queue is one line in the log for an absence, one for the connection behind it; its messages are counted", async () => {
    await absent("reader", "a", 1);
    const writer = await RawClient.connect(port, "writer");
    const publish = async (count: number): Promise<void> => {
      for (let id = 1; id <= count; id++) writer.sendPublish("a", `${id}`, 1, { messageId: id });
      for (let id = 1; id <= count; id++) await writer.next("puback");
    };
    const said = (): unknown[] =>
      broker.logs.lines.filter(({ event }) => event === "queue-full").map(({ connected }) => connected);
    await publish(LIMITS.queuedMessages + 5);
    expect(broker.delivery.sessions.dropped).toEqual([0, 5, 0]);
    expect(said()).toEqual([false]);
    const reader = await resume("reader");
    // A window of them is sent, and not acknowledged.
    expect((await reader.messages())[0]).toEqual(["a", "1", 1, ""]);
    await publish(LIMITS.inflightOutbound + 3);
    expect(broker.delivery.sessions.dropped).toEqual([0, 8, 0]);
    expect(said()).toEqual([false, true]);
  });
});

describe("QoS 1", () => {
  test("to the client: repeated at each connection until PUBACK, and never after it [MQTT-4.3.2-1]", async () => {
    await absent("reader", "a", 1);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "x", 1);
    let id = 0;
    for (const dup of [false, true, true]) {
      const reader = await resume("reader");
      const message = await reader.message();
      expect(message.dup).toBe(dup);
      id ||= message.messageId;
      expect(message.messageId).toBe(id);
      await reader.drop();
      await broker.gone("reader");
    }
    const reader = await resume("reader");
    reader.send({ cmd: "puback", messageId: (await reader.message()).messageId });
    await reader.ping();
    await reader.drop();
    await broker.gone("reader");
    expect(await (await resume("reader")).messages()).toEqual([]);
  });

  test("a PUBACK for a message that was not sent acknowledges nothing", async () => {
    await absent("reader", "a", 2);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "x", 2);
    const reader = await resume("reader");
    const { messageId } = await reader.message();
    reader.send({ cmd: "puback", messageId }, { cmd: "puback", messageId: messageId + 1 });
    await reader.ping();
    await reader.drop();
    await broker.gone("reader");
    expect(await (await resume("reader")).messages()).toEqual([["a", "x", 2, "dup"]]);
  });

  test("acknowledgements come in the order of the messages [MQTT-4.6.0-2]", async () => {
    await absent("stored", "a", 1);
    const writer = await RawClient.connect(port, "writer");
    // Every other one must be stored first.
    for (let id = 1; id <= 20; id++) writer.sendPublish(id % 2 ? "a" : "b", "x", 1, { messageId: id });
    const ids = (await writer.all()).concat(await writer.all()).map((packet) => packet.messageId);
    expect(ids).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
});

describe("QoS 2", () => {
  test("from the client: a PUBLISH repeated because PUBREC was lost is delivered once [MQTT-4.3.3-2]", async () => {
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["a", 2]);
    const writer = await resume("writer");
    writer.sendPublish("a", "x", 2, { messageId: 5 });
    await writer.next("pubrec");
    await writer.drop();
    await broker.gone("writer");
    const again = await resume("writer");
    again.sendPublish("a", "x", 2, { messageId: 5, dup: true });
    await again.next("pubrec");
    again.send({ cmd: "pubrel", messageId: 5 });
    await again.next("pubcomp");
    // Released: the identifier may be used for another message.
    again.sendPublish("a", "y", 2, { messageId: 5 });
    await again.next("pubrec");
    expect((await reader.messages()).map(([, text]) => text)).toEqual(["x", "y"]);
  });

  test("a PUBREL repeated because PUBCOMP was lost is answered again", async () => {
    const writer = await RawClient.connect(port, "writer");
    writer.sendPublish("a", "x", 2, { messageId: 5 });
    await writer.next("pubrec");
    for (let i = 0; i < 2; i++) {
      writer.send({ cmd: "pubrel", messageId: 5 });
      expect(await writer.next("pubcomp")).toMatchObject({ messageId: 5 });
    }
  });

  test("clean session 1 forgets what waited for PUBREL [MQTT-3.1.2-6]", async () => {
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["a", 2]);
    for (const text of ["x", "y"]) {
      const writer = await RawClient.connect(port, "writer");
      writer.sendPublish("a", text, 2, { messageId: 5 });
      await writer.next("pubrec");
      await writer.drop();
      await broker.gone("writer");
    }
    expect((await reader.messages()).map(([, text]) => text)).toEqual(["x", "y"]);
  });

  test("to the client: after PUBREC the message is never sent again, but PUBREL is [MQTT-4.3.3-1]", async () => {
    await absent("reader", "a", 2);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "x", 2);
    const first = await resume("reader");
    const { messageId } = await first.message();
    // PUBREC is lost: the message comes again.
    await first.drop();
    await broker.gone("reader");
    const second = await resume("reader");
    expect(await second.message()).toMatchObject({ messageId, dup: true });
    second.send({ cmd: "pubrec", messageId });
    await second.next("pubrel");
    // PUBCOMP is lost: PUBREL comes again.
    await second.drop();
    await broker.gone("reader");
    const third = await resume("reader");
    expect((await third.all()).map(({ cmd, messageId: id }) => [cmd, id])).toEqual([["pubrel", messageId]]);
    third.send({ cmd: "pubcomp", messageId });
    await third.ping();
    await third.drop();
    await broker.gone("reader");
    expect(await (await resume("reader")).all()).toEqual([]);
  });

  test("a PUBREC for what is not known is answered with PUBREL, so that the client can forget it", async () => {
    const client = await RawClient.connect(port, "client");
    client.send({ cmd: "pubrec", messageId: 9 });
    expect(await client.next("pubrel")).toMatchObject({ messageId: 9 });
  });

  test("more of them without PUBREL than a client may have end its connection", async () => {
    const writer = await RawClient.connect(port, "writer");
    for (let id = 1; id <= 101; id++) writer.sendPublish("a", "x", 2, { messageId: id });
    await writer.closed();
  });
});

describe("retained messages", () => {
  test("RETAIN is 1 for a new subscription and 0 for those that were there [MQTT-3.3.1-8] [MQTT-3.3.1-9]", async () => {
    const before = await RawClient.connect(port, "before");
    await before.subscribe(["a", 1]);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "x", 1, true);
    const after = await RawClient.connect(port, "after");
    await after.subscribe(["a", 1]);
    expect(await before.messages()).toEqual([["a", "x", 1, ""]]);
    expect(await after.messages()).toEqual([["a", "x", 1, "retain"]]);
  });

  test("the last one of a topic counts, an empty one removes it and is not kept [MQTT-3.3.1-10] [MQTT-3.3.1-11]", async () => {
    const before = await RawClient.connect(port, "before");
    await before.subscribe(["a", 0]);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "old", 1, true);
    await writer.publish("a", "new", 0, true);
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["#", 1]);
    expect(await reader.messages()).toEqual([["a", "new", 0, "retain"]]);
    await writer.publish("a", "", 1, true);
    expect((await before.messages()).map(([, text]) => text)).toEqual(["old", "new", ""]);
    const later = await RawClient.connect(port, "later");
    await later.subscribe(["a", 1]);
    expect(await later.messages()).toEqual([]);
    expect(broker.delivery.retained.size).toBe(0);
  });

  test("a message without RETAIN leaves the retained one [MQTT-3.3.1-12]", async () => {
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "kept", 1, true);
    await writer.publish("a", "passing", 1);
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["a", 1]);
    expect(await reader.messages()).toEqual([["a", "kept", 1, "retain"]]);
  });

  test("subscribing again sends it again [MQTT-3.8.4-3]; coming back to a session does not", async () => {
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "kept", 0, true);
    const reader = await resume("reader");
    for (let i = 0; i < 2; i++) {
      await reader.subscribe(["a", 1]);
      expect(await reader.messages()).toHaveLength(1);
    }
    await reader.disconnect();
    expect(await (await resume("reader")).messages()).toEqual([]);
  });

  test("more of them than a queue may hold all arrive: the subscription is owed them", async () => {
    const writer = await RawClient.connect(port, "writer");
    for (let i = 0; i < 1_500; i++) writer.sendPublish(`a/${i}`, "x", 0, { retain: true });
    await writer.ping();
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["a/#", 1]);
    expect(await reader.messages()).toHaveLength(1_500);
  });
});

describe("wills", () => {
  const will = { topic: "will", payload: Buffer.from("gone"), qos: 1, retain: true } as const;
  const watch = async (): Promise<RawClient> => {
    const watcher = await RawClient.connect(port, "watcher");
    await watcher.subscribe(["will", 1]);
    return watcher;
  };

  test("published when the connection is lost, with its QoS and RETAIN [MQTT-3.1.2-8] [MQTT-3.1.2-17]", async () => {
    const watcher = await watch();
    const client = await RawClient.connect(port, "client", { will });
    await client.drop();
    expect(await watcher.message()).toMatchObject({ topic: "will", qos: 1, retain: false });
    const later = await RawClient.connect(port, "later");
    await later.subscribe(["will", 1]);
    expect(await later.messages()).toEqual([["will", "gone", 1, "retain"]]);
  });

  test("published at a protocol error and at a takeover, too", async () => {
    const watcher = await watch();
    const client = await RawClient.connect(port, "client", { will });
    client.sendBytes(Buffer.from([0xf0, 0]));
    await watcher.message();
    await RawClient.connect(port, "client", { will });
    await RawClient.connect(port, "client");
    await watcher.message();
  });

  test("discarded with DISCONNECT [MQTT-3.14.4-3]", async () => {
    const watcher = await watch();
    const client = await RawClient.connect(port, "client", { will });
    await client.disconnect();
    await broker.gone("client");
    expect(await watcher.messages()).toEqual([]);
  });

  test("what was published before DISCONNECT arrives, even when both came in one segment", async () => {
    const watcher = await watch();
    const client = await RawClient.connect(port, "client");
    client.send(
      { cmd: "publish", topic: "will", payload: "last words", qos: 0, retain: false, dup: false },
      { cmd: "disconnect" },
    );
    await client.closed();
    expect((await watcher.message()).payload.toString()).toBe("last words");
  });
});

describe("keep alive", () => {
  test("silence of one and a half times its value ends the connection, and publishes the will [MQTT-3.1.2-24]", async () => {
    const watcher = await RawClient.connect(port, "watcher");
    await watcher.subscribe(["will", 0]);
    const will = { topic: "will", payload: Buffer.from("gone"), qos: 0, retain: false } as const;
    const client = await RawClient.connect(port, "client", { keepalive: 1, will });
    const since = performance.now();
    await client.closed();
    expect(performance.now() - since).toBeGreaterThan(1_400);
    await watcher.message();
  });

  test("every packet counts, not only PINGREQ", async () => {
    const client = await RawClient.connect(port, "client", { keepalive: 1 });
    const since = performance.now();
    const timer = setInterval(() => client.sendPublish("a", "x"), 400);
    setTimeout(() => clearInterval(timer), 2_000);
    await client.closed();
    expect(performance.now() - since).toBeGreaterThan(2_900);
  });
});
