import { expect, test } from "@jest/globals";
import { Message } from "../../../broker/src/delivery/message";
import { Router } from "../../../broker/src/delivery/router";
import type { Sessions } from "../../../broker/src/delivery/sessions";
import type { RetainedMessages } from "../../../broker/src/delivery/retained-messages";
import { Journal } from "../../../broker/src/persistence/journal";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { captureLog } from "../log-capture";

/** A router whose topics all have so many receivers, and how often it looked for them. */
const routing = (receivers: number) => {
  const queue = { offer: () => undefined };
  const found = new Map(Array.from({ length: receivers }, () => [{ identity: "reader", queue }, 0]));
  const looked: string[] = [];
  const router = new Router({
    sessions: { version: 0, match: (topic: string) => (looked.push(topic), found) } as unknown as Sessions,
    retained: {} as RetainedMessages,
    journal: new Journal({ store: new MemoryKeyValue(), onFailure: () => undefined }),
    log: captureLog().log,
    mayReceive: () => true,
  });
  const publish = (topic: string): void => router.publish(new Message(topic, Buffer.alloc(0), 0, false), undefined);
  return { publish, looked };
};

test("who receives a topic is looked for once", () => {
  const { publish, looked } = routing(10);
  for (let i = 0; i < 100; i += 1) publish(`a/${i % 10}`);
  expect(looked).toHaveLength(10);
});

test("what is remembered is bounded by the receivers too: a topic of thousands is not one entry", () => {
  const { publish, looked } = routing(5_000);
  for (let i = 0; i < 100; i += 1) publish(`a/${i}`);
  publish("a/0");
  expect(looked).toHaveLength(101);
});
