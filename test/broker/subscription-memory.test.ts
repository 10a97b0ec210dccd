import { afterEach, beforeAll, expect, test } from "@jest/globals";
import { LIMITS } from "../../broker/src/limits";
import { DEFAULT_SITE_LIMITS } from "../../broker/src/site-limits";
import { accepted } from "./client";
import { granted } from "./granted";
import { createPlant, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

const REFUSED = 0x80;

let plant: Plant;
let broker: TestBroker;
beforeAll(async () => {
  plant = await createPlant();
});
afterEach(() => broker.close());

/** As deep as a filter may be: each takes some 10 KB. */
const deep = (n: number): string =>
  ["plant", "line", ...Array.from({ length: LIMITS.topicLevels - 2 }, (_, i) => `${n}-${i}`)].join("/");
const filters = Array.from({ length: 10 }, (_, n) => deep(n));
const withRoomFor = (subscriptionBytes: number): Promise<TestBroker> =>
  startTestBroker(plant, { limits: { ...DEFAULT_SITE_LIMITS, subscriptionBytes } });

test("filters that take more memory than an identity may have are refused, on all of its connections; others get theirs", async () => {
  broker = await withRoomFor(60 * 1024);
  const [scada, tab, device] = await Promise.all([
    accepted(broker, plant, "scada"),
    accepted(broker, plant, "scada", { clientId: "scada~1" }),
    accepted(broker, plant, "gw-1"),
  ]);
  expect(await granted(scada, filters)).toEqual([1, ...Array<number>(filters.length - 1).fill(REFUSED)]);
  expect(await granted(tab, ["plant/line/#", deep(11)])).toEqual([1, REFUSED]);
  expect(await granted(device, ["plant/line/gw-1/cmd/#"])).toEqual([1]);
  await broker.logs.until("subscribe-denied", ({ identity, reason }) => {
    return identity === "scada" && String(reason).includes("memory");
  });
  // What goes makes room, and what is there may be asked for again.
  await scada.unsubscribeAsync(filters[0]!);
  expect(await granted(scada, [filters[1]!, filters[1]!, filters[2]!])).toEqual([1, 1, REFUSED]);
  await Promise.all([scada, tab, device].map((client) => client.endAsync()));
});

test("where there is room the same filters are granted", async () => {
  broker = await withRoomFor(LIMITS.subscriptionBytes);
  const scada = await accepted(broker, plant, "scada");
  expect(await granted(scada, filters)).toEqual(filters.map(() => 1));
  await scada.endAsync();
});
