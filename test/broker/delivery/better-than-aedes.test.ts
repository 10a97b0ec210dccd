import { afterEach, describe, expect, test } from "@jest/globals";
import type { AedesOptions } from "aedes";
import type { IPublishPacket } from "mqtt-packet";
import { startBareAedes } from "../bare-aedes";
import { RawClient, type Seen } from "./raw-client";
import { startDelivery, type DeliveryChanges } from "./start-delivery";

/*
 * What Aedes 1.2 does wrong (A1 to A14 of the findings this work began with), each tried on it and on our delivery. When a
 * new Aedes does one of these right, its test fails: it is then no reason any more.
 */

interface Target {
  readonly port: number;
  readonly close: () => Promise<void>;
}
const open: Target[] = [];
afterEach(async () => {
  for (const target of open.splice(0)) await target.close();
});
const ours = async (changes: DeliveryChanges = {}): Promise<number> => {
  const target = await startDelivery(changes);
  open.push(target);
  return target.port;
};
const bare = async (options: AedesOptions = {}): Promise<number> => {
  const target = await startBareAedes(options);
  open.push(target);
  return target.port;
};

/** One scenario on both. */
function differs<Result>(
  title: string,
  scenario: (port: number) => Promise<Result>,
  right: Result,
  changes: DeliveryChanges = {},
  options: AedesOptions = {},
): void {
  describe(title, () => {
    test("ours", async () => expect(await scenario(await ours(changes))).toEqual(right));
    test("Aedes as it is shipped does otherwise", async () =>
      expect(await scenario(await bare(options))).not.toEqual(right));
  });
}

const texts = (messages: readonly Seen[]): string[] => messages.map(([, text]) => text);

differs(
  "A1: a refused filter beside a granted one is not stored with the session",
  async (port) => {
    const first = await RawClient.connect(port, "reader", { clean: false });
    await first.subscribe(["open", 1], ["secret", 1]);
    await first.disconnect();
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("secret", "for others", 1);
    await writer.publish("open", "for all", 1);
    const again = await RawClient.connect(port, "reader", { clean: false });
    return texts(await again.messages());
  },
  ["for all"],
  { policy: { maySubscribe: (_, filter) => filter !== "secret" } },
  { authorizeSubscribe: (_, subscription, done) => done(null, subscription.topic === "secret" ? null : subscription) },
);

differs(
  "A4: messages of one topic that alternate between retained and not all arrive, in order",
  async (port) => {
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["a", 0]);
    const writer = await RawClient.connect(port, "writer");
    for (let i = 0; i < 20; i++) writer.sendPublish("a", `${i}`, 0, { retain: i % 2 === 0 });
    await writer.ping();
    await reader.ping();
    return texts(await reader.messages());
  },
  Array.from({ length: 20 }, (_, i) => `${i}`),
);

describe("A4, A14: messages of one publisher to one topic arrive in its order", () => {
  const scenario = async (port: number, clean: boolean): Promise<string[]> => {
    const reader = await RawClient.connect(port, "reader", { clean });
    await reader.subscribe(["a", 2]);
    const writer = await RawClient.connect(port, "writer");
    const sent = Array.from({ length: 30 }, (_, i) => i);
    writer.send(
      ...sent.map((i) => ({
        cmd: "publish" as const,
        topic: "a",
        payload: `${i}`,
        qos: (i % 3) as 0 | 1 | 2,
        retain: i % 2 === 0,
        dup: false,
        messageId: i % 3 > 0 ? i : undefined,
      })),
    );
    await writer.ping();
    const found: string[] = [];
    // Bare Aedes needs a moment, or ends the connection.
    for (let rounds = 0; rounds < 5; rounds++) found.push(...texts(await reader.messages().catch(() => [])));
    return found;
  };
  const right = Array.from({ length: 30 }, (_, i) => `${i}`);
  test.each([true, false])("ours, clean session %p", async (clean) => {
    expect(await scenario(await ours(), clean)).toEqual(right);
  });
  test.each([true, false])(
    "Aedes as it is shipped loses some or changes their order, clean session %p",
    async (clean) => {
      expect(await scenario(await bare(), clean)).not.toEqual(right);
    },
  );
});

differs(
  "A5: a subscription's QoS is the highest that its client gets, also through a wildcard",
  async (port) => {
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["d/+", 1]);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("d/x", "two", 2);
    return (await reader.message()).qos;
  },
  1,
);

differs(
  "A5: a retained message through a wildcard too",
  async (port) => {
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("d/x", "kept", 1, true);
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["d/+", 0]);
    return (await reader.message()).qos;
  },
  0,
);

differs(
  "A6: overlapping filters bring one copy, with the highest QoS of them [MQTT-3.3.5-1]",
  async (port) => {
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["a/#", 0], ["a/+", 2], ["a/b", 1]);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a/b", "x", 2);
    return (await reader.messages()).map(([, , qos]) => qos);
  },
  [2],
);

differs(
  "A7: a session without subscriptions is present [MQTT-3.2.2-2]",
  async (port) => {
    const first = await RawClient.connect(port, "reader", { clean: false });
    await first.disconnect();
    return (await RawClient.connect(port, "reader", { clean: false })).sessionPresent;
  },
  true,
);

differs(
  "A8: what was not acknowledged comes again with DUP, under its identifier [MQTT-3.3.1-1] [MQTT-4.4.0-1]",
  async (port) => {
    const reader = await RawClient.connect(port, "reader", { clean: false });
    await reader.subscribe(["a", 1]);
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("a", "x", 1);
    const before = await reader.message();
    await reader.drop();
    const again = await RawClient.connect(port, "reader", { clean: false });
    const after = await again.message();
    return { dup: after.dup, same: after.messageId === before.messageId };
  },
  { dup: true, same: true },
);

differs(
  "A8: no more than a window of messages is under way to one client",
  async (port) => {
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["a", 1]);
    const writer = await RawClient.connect(port, "writer");
    for (let i = 0; i < 300; i++) await writer.publish("a", `${i}`, 1);
    return (await reader.messages()).length;
  },
  100,
);

differs(
  "A9: a leading wildcard gets no '$' topic from the queue [MQTT-4.7.2-1]",
  async (port) => {
    const first = await RawClient.connect(port, "reader", { clean: false });
    await first.subscribe(["#", 1], ["+/x", 1]);
    await first.disconnect();
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("$plant/x", "hidden", 1);
    await writer.publish("plant/x", "seen", 1);
    const again = await RawClient.connect(port, "reader", { clean: false });
    return texts(await again.messages());
  },
  ["seen"],
);

differs(
  "A9: and no retained one",
  async (port) => {
    const writer = await RawClient.connect(port, "writer");
    await writer.publish("$plant/x", "hidden", 1, true);
    const reader = await RawClient.connect(port, "reader");
    await reader.subscribe(["#", 1], ["+/x", 1]);
    await reader.ping();
    return texts(await reader.messages());
  },
  [],
);

differs(
  "A13: SUBACK, then what is retained, then what is published after it",
  async (port) => {
    const writer = await RawClient.connect(port, "writer");
    for (let i = 0; i < 5; i++) await writer.publish(`a/${i}`, "kept", 1, true);
    const reader = await RawClient.connect(port, "reader", { clean: false });
    reader.send(
      { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a/#", qos: 1 }] },
      { cmd: "publish", topic: "a/0", payload: "live", qos: 0, retain: false, dup: false },
    );
    const packets = [...(await reader.all()), ...(await reader.all())];
    return packets.map((packet) =>
      packet.cmd === "publish" ? String((packet as IPublishPacket).payload) : packet.cmd,
    );
  },
  ["suback", "kept", "kept", "kept", "kept", "kept", "live"],
);

differs(
  "SUBACK has a return code for each filter, also for one that is named twice [MQTT-3.8.4-5]",
  async (port) => {
    const reader = await RawClient.connect(port, "reader");
    return [...(await reader.subscribe(["a", 0], ["b", 1], ["a", 2]))];
  },
  [0, 1, 2],
);
