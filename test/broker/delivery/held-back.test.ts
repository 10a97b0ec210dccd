import { afterEach, expect, test } from "@jest/globals";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

let broker: TestDelivery;
afterEach(() => broker.close());

/** A broker whose answers about the topic "slow" the test gives. */
const withHeld = async () => {
  const held: ((allowed: boolean) => void)[] = [];
  let asked: () => void = () => undefined;
  broker = await startDelivery({
    authorizePublish: (topic, decide) => {
      if (topic !== "slow") return decide(true);
      held.push(decide);
      asked();
    },
  });
  const reader = await RawClient.connect(broker.port, "reader");
  await reader.subscribe(["#", 1]);
  const writer = await RawClient.connect(broker.port, "writer");
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  return { held, isAsked, reader, writer };
};
const qos0 = (topic: string, payload: string) =>
  ({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false }) as const;

test("a message that is held back is overtaken by none behind it, and DISCONNECT waits for it too [MQTT-4.6.0-6]", async () => {
  const { held, isAsked, reader, writer } = await withHeld();
  writer.send(qos0("slow", "1"), { ...qos0("fast", "2"), qos: 1, messageId: 2 }, qos0("fast", "3"), {
    cmd: "disconnect",
  });
  await isAsked;
  expect(await reader.messages()).toEqual([]);
  held[0]!(true);
  await writer.closed();
  expect((await reader.messages()).map(([, text]) => text)).toEqual(["1", "2", "3"]);
});

test("a message that is refused ends the connection, and nothing behind it has an effect", async () => {
  const { held, isAsked, reader, writer } = await withHeld();
  writer.send(qos0("slow", "1"), qos0("fast", "2"));
  await isAsked;
  held[0]!(false);
  await writer.closed();
  expect(await reader.messages()).toEqual([]);
});

test("a message whose client went while it was held back is nobody's any more", async () => {
  const { held, isAsked, reader, writer } = await withHeld();
  writer.send(qos0("slow", "1"));
  await isAsked;
  await writer.drop();
  await broker.gone("writer");
  held[0]!(true);
  expect(await reader.messages()).toEqual([]);
});

test("PINGREQs that came in one segment with a message that is held back do not end the reading", async () => {
  const { held, isAsked, writer } = await withHeld();
  const pings = Array.from({ length: 10 }, () => ({ cmd: "pingreq" }) as const);
  writer.send(...pings, qos0("slow", "1"));
  await isAsked;
  for (let i = 0; i < pings.length; i += 1) await writer.next("pingresp");
  held[0]!(true);
  for (let i = 0; i < 3; i += 1) await writer.ping();
});

test("a client whose messages are held back for longer than its keep alive is not taken for silent [MQTT-3.1.2-24]", async () => {
  // Six of these take longer than one and a half times its one second.
  broker = await startDelivery({ authorizePublish: (_, decide) => void setTimeout(() => decide(true), 400) });
  const reader = await RawClient.connect(broker.port, "reader");
  await reader.subscribe(["#", 1]);
  const writer = await RawClient.connect(broker.port, "writer", { keepalive: 1 });
  writer.send(...["1", "2", "3", "4", "5", "6"].map((text) => qos0("slow", text)));
  const got: string[] = [];
  while (got.length < 6) got.push((await reader.message()).payload.toString());
  expect(got).toEqual(["1", "2", "3", "4", "5", "6"]);
  await writer.ping();
});
