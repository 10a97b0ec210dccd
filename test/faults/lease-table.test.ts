import { afterEach, expect, test } from "@jest/globals";
import { LEASE } from "../../broker/src/lease";
import { bundles } from "./bundles";
import { expectKept } from "./expect-kept";
import { FaultSite, TAKEN_OVER_MS } from "./fault-site";
import { report } from "./report";
import { SCALE } from "./scale";

const built = bundles();
let site: FaultSite | undefined;
afterEach(() => site?.close());

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("a slow lease table changes nothing", async () => {
  site = await FaultSite.start({ bundle: built.broker });
  const { active } = site;
  for (const broker of site.brokers) broker.aws.state = 1_200;
  await wait(LEASE.ttlMs);
  expect(site.active).toBe(active);
  const account = await site.settle();
  await report("lease table answers after 1.2 s", account);
  expectKept(account);
});

/** At its deadline; a machine that does other work, too, may come to it late. */
const STOPS_WITHIN_MS = LEASE.ttlMs + (SCALE.isFull ? 1_000 : 5_000);

test("cut off from the lease table alone, the active task stops at its deadline and the other takes over", async () => {
  site = await FaultSite.start({ bundle: built.broker });
  await wait(1_000);
  const { active } = site;
  const taken = site.takenOver(active);
  const from = active.lines.length;
  active.aws.state = "cut";
  await active.logged("not-active", STOPS_WITHIN_MS, from);
  await taken;
  active.aws.state = 0;
  const account = await site.settle();
  await report("lease table unreachable from the active task", account);
  expectKept(account);
  expect(site.active).not.toBe(active);
});

test("while nobody reaches the lease table nobody is active, and afterwards one is again", async () => {
  site = await FaultSite.start({ bundle: built.broker });
  await wait(1_000);
  const { active, brokers } = site;
  const from = brokers.map(({ lines }) => lines.length);
  for (const broker of brokers) broker.aws.state = "cut";
  await active.logged("not-active", STOPS_WITHIN_MS, from[brokers.indexOf(active)]);
  await wait(3_000);
  expect(brokers.filter(({ isActive }) => isActive)).toEqual([]);
  const begun = performance.now();
  for (const broker of brokers) broker.aws.state = 0;
  await Promise.any(brokers.map((broker, i) => broker.logged("active", TAKEN_OVER_MS, from[i])));
  const backS = Math.round(performance.now() - begun) / 1_000;
  const account = await site.settle();
  await report("lease table unreachable from everywhere", account, { backS });
  expectKept(account);
});
