import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LIMITS } from "../../../broker/src/limits";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

let broker: TestDelivery;
/** Called with each filter, which then takes longer than a slice to be granted. */
let onAsked: (filter: string) => unknown;
const asked: string[] = [];

beforeEach(async () => {
  onAsked = () => undefined;
  asked.length = 0;
  const maySubscribe = (_: string, filter: string): boolean => {
    if (!filter.startsWith("slow/")) return true;
    asked.push(filter);
    onAsked(filter);
    const until = performance.now() + LIMITS.handlingSliceMs + 1;
    while (performance.now() < until);
    return true;
  };
  broker = await startDelivery({ policy: { maySubscribe } });
});
afterEach(() => broker.close());

const filters = Array.from({ length: 20 }, (_, i) => [`slow/${i}`, 1] as const);

test("a SUBSCRIBE that takes long is handled in slices: others have their turn between", async () => {
  const [reader, other] = await Promise.all(["reader", "other"].map((id) => RawClient.connect(broker.port, id)));
  const order: string[] = [];
  let answered: Promise<unknown> | undefined;
  onAsked = () => (answered ??= other!.ping().then(() => order.push("PINGRESP to another")));
  const granted = await reader!.subscribe(...filters);
  order.push("SUBACK");
  await answered;
  expect(order).toEqual(["PINGRESP to another", "SUBACK"]);
  expect(granted).toEqual(filters.map(() => 1));
});

test("what is published meanwhile comes behind SUBACK, and nothing of it is lost", async () => {
  const [reader, other] = await Promise.all(["reader", "other"].map((id) => RawClient.connect(broker.port, id)));
  await other!.publish("slow/0", "retained", 1, true);
  let published: Promise<void> | undefined;
  onAsked = (filter) => {
    if (filter === "slow/1") published = other!.publish("slow/0", "live", 1);
  };
  await reader!.subscribe(...filters);
  await published;
  expect(await reader!.messages()).toEqual([
    ["slow/0", "retained", 1, "retain"],
    ["slow/0", "live", 1, ""],
  ]);
});

test("a SUBSCRIBE whose connection has gone ends, and holds nothing back from the next one", async () => {
  const first = await RawClient.connect(broker.port, "reader", { clean: false });
  let dropped: Promise<void> | undefined;
  onAsked = () => (dropped ??= first.drop());
  first.send({ cmd: "subscribe", messageId: 1, subscriptions: filters.map(([topic, qos]) => ({ topic, qos })) });
  await broker.ended();
  await dropped;
  const next = await RawClient.connect(broker.port, "reader", { clean: false });
  expect(next.sessionPresent).toBe(true);
  await next.subscribe(["other/#", 1]);
  await next.publish("other/a", "x", 1);
  expect(await next.messages()).toEqual([["other/a", "x", 1, ""]]);
  expect(asked.length).toBeLessThan(filters.length);
  expect(broker.failures).toEqual([]);
});

test("behind the first retained message that finds no room no other one is looked for", async () => {
  const other = await RawClient.connect(broker.port, "other");
  const most = Math.ceil(LIMITS.queuedBytes / 200_000);
  for (let i = 0; i < most + 2; i++) await other.publish(`large/${i}`, "x".repeat(200_000), 1, true);
  let asks = 0;
  const { retained } = broker.delivery;
  const match = retained.match.bind(retained);
  retained.match = (filter) => {
    asks += 1;
    return match(filter);
  };
  const reader = await RawClient.connect(broker.port, "reader");
  expect(await reader.subscribe(["large/#", 1], ["+/+", 1], ["#", 1])).toEqual([1, 1, 1]);
  expect(asks).toBe(1);
  expect(await broker.logs.until("queue-full")).toMatchObject({ clientId: "reader" });
});
