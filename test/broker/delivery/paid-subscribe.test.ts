import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Message } from "../../../broker/src/delivery/message";
import { LIMITS } from "../../../broker/src/limits";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

let broker: TestDelivery;
/** Called with each filter that is asked for. */
let onAsked: (filter: string) => void;
beforeEach(async () => {
  onAsked = () => undefined;
  const maySubscribe = (_: string, filter: string): boolean => {
    onAsked(filter);
    return true;
  };
  broker = await startDelivery({ policy: { maySubscribe } });
});
afterEach(() => broker.close());

/** Asks for so many filters above the burst that the identity has to wait for this long. */
async function owe(client: RawClient, ms: number): Promise<void> {
  let left = LIMITS.filterBurst + (LIMITS.filterRate * ms) / 1_000;
  for (; left > 0; left -= LIMITS.filtersPerPacket) {
    const count = Math.min(left, LIMITS.filtersPerPacket);
    const unsubscriptions = Array.from({ length: count }, (_, i) => `${i}`);
    client.send({ cmd: "unsubscribe", messageId: 1, unsubscriptions });
    await client.next("unsuback");
  }
}
const subscribeTo = (topic: string) => ({
  cmd: "subscribe" as const,
  messageId: 7,
  subscriptions: [{ topic, qos: 1 as const }],
});

test("a client whose SUBSCRIBE waits for longer than its keep alive is not taken for silent [MQTT-3.1.2-24]", async () => {
  const client = await RawClient.connect(broker.port, "tabs~1", { keepalive: 1 });
  await owe(client, 3_000);
  client.send(subscribeTo("a"));
  await client.next("suback");
  await client.ping();
  expect(broker.logs.lines.filter(({ event }) => event === "subscribe-held-back")).toHaveLength(1);
});

test("a client that said DISCONNECT behind a SUBSCRIBE that waits, and closed, has no will [MQTT-3.14.4-3]", async () => {
  const watcher = await RawClient.connect(broker.port, "watcher");
  await watcher.subscribe(["will", 1]);
  const client = await RawClient.connect(broker.port, "tabs~1", {
    will: { topic: "will", payload: Buffer.from("x"), qos: 0, retain: false },
  });
  await owe(client, 2_000);
  client.send(subscribeTo("a"), { cmd: "disconnect" });
  client.end();
  await broker.gone("tabs~1");
  expect(await watcher.messages()).toEqual([]);
});

test("a SUBSCRIBE whose connection ends while it is handled is paid for all the same", async () => {
  const [first, next] = [
    await RawClient.connect(broker.port, "tabs~1"),
    await RawClient.connect(broker.port, "tabs~2"),
  ];
  // Its SUBSCRIBE waits until all before it is paid: what comes behind is owed for this one alone.
  await owe(first, 1_000);
  const filters = Array.from({ length: LIMITS.filtersPerSubscribe }, (_, i) => `${i}`);
  onAsked = (filter) => {
    if (filter !== filters.at(-2)) return;
    broker.delivery.sessions.get("tabs~1")!.client!.conn.destroy();
    const until = performance.now() + LIMITS.handlingSliceMs + 1;
    while (performance.now() < until);
  };
  first.send({ cmd: "subscribe", messageId: 1, subscriptions: filters.map((topic) => ({ topic, qos: 1 })) });
  await first.closed();
  expect(await next.subscribe(["a", 1])).toEqual([1]);
  const line = await broker.logs.until("subscribe-held-back", ({ clientId }) => clientId === "tabs~2");
  expect(line).toMatchObject({ identity: "tabs" });
});

test("filters that look through all retained messages are paid for, though they find none", async () => {
  // Each filter looks at one level more than there are of them.
  for (let i = 0; i < 30_000; i++) broker.delivery.retained.set(new Message(`a/${i}/b`, Buffer.from("x"), 0, true));
  const client = await RawClient.connect(broker.port, "tabs~1");
  const subscribe = (from: number): void => {
    const topics = Array.from({ length: LIMITS.filtersPerSubscribe }, (_, i) => `a/+/none-${from + i}`);
    client.send({ cmd: "subscribe", messageId: 1, subscriptions: topics.map((topic) => ({ topic, qos: 1 })) });
  };
  const each = LIMITS.filtersPerSubscribe * 150;
  for (let charged = 0; charged <= LIMITS.filterBurst; charged += each) {
    subscribe(charged);
    await client.next("suback");
  }
  subscribe(LIMITS.filterBurst + each);
  const answered = client.next("suback").then(
    () => "answered",
    () => "closed",
  );
  const held = broker.logs.until("subscribe-held-back").then(({ identity }) => identity);
  expect(await Promise.race([answered, held])).toBe("tabs");
});

test("what was sent before DISCONNECT arrives, and no will, though its client closed while it is handled", async () => {
  const reader = await RawClient.connect(broker.port, "reader");
  await reader.subscribe(["#", 1]);
  const writer = await RawClient.connect(broker.port, "writer", {
    will: { topic: "will", payload: Buffer.from("x"), qos: 0, retain: false },
  });
  const match = broker.delivery.sessions.match.bind(broker.delivery.sessions);
  // As if each had thousands of receivers.
  broker.delivery.sessions.match = (topic) => {
    const until = performance.now() + LIMITS.handlingSliceMs + 1;
    while (performance.now() < until);
    return match(topic);
  };
  const topics = Array.from({ length: 20 }, (_, i) => `t/${i}`);
  const messages = topics.map(
    (topic) => ({ cmd: "publish", topic, payload: "x", qos: 0, retain: false, dup: false }) as const,
  );
  writer.send(...messages, { cmd: "disconnect" });
  writer.end();
  await broker.gone("writer");
  expect((await reader.messages()).map(([topic]) => topic)).toEqual(topics);
});
