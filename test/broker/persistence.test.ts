import { expect, test } from "@jest/globals";
import type { Client } from "aedes";
import { guardPersistence, memoryPersistence } from "../../broker/src/persistence";

interface Store {
  setup(broker: object): Promise<void>;
  subscriptionsByClient(client: { id: string }): Promise<{ topic: string }[]>;
  outgoingEnqueue(subscription: { clientId: string }, packet: object): Promise<void>;
  outgoingStream(client: { id: string }): AsyncIterable<{ topic: string }>;
}

const client = { id: "gw-1" } as Client;
const subscriptions = [
  { topic: "own/#", qos: 1 },
  { topic: "foreign/#", qos: 1 },
];
const opened = async (): Promise<Store & ReturnType<typeof memoryPersistence>> => {
  const store = memoryPersistence() as Store & ReturnType<typeof memoryPersistence>;
  await store.setup({ id: "broker" });
  return store;
};

test("only what the client may subscribe reaches the store", async () => {
  const guarded = guardPersistence(await opened(), (_, filter) => filter === "own/#");
  await guarded.addSubscriptions(client, subscriptions);
  expect((await guarded.subscriptionsByClient(client)).map(({ topic }) => topic)).toEqual(["own/#"]);
});

test("the store itself keeps what it is given: without the guard the refused filter is there", async () => {
  const bare = await opened();
  await bare.addSubscriptions(client, subscriptions);
  expect(await bare.subscriptionsByClient(client)).toHaveLength(2);
});

test("clearing a message without an id leaves the queue alone", async () => {
  const guarded = guardPersistence(await opened(), () => true);
  await guarded.outgoingEnqueue({ clientId: "gw-1" }, { cmd: "publish", topic: "own/a", payload: "", qos: 1 });
  await guarded.outgoingClearMessageId(client, { messageId: undefined });
  const queued: string[] = [];
  for await (const { topic } of guarded.outgoingStream(client)) queued.push(topic);
  expect(queued).toEqual(["own/a"]);
});
