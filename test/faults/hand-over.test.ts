import { afterEach, expect, test } from "@jest/globals";
import { bundles } from "./bundles";
import { expectKept } from "./expect-kept";
import { FaultSite } from "./fault-site";
import { report, spread } from "./report";
import { SCALE } from "./scale";

const built = bundles();
let site: FaultSite | undefined;
afterEach(() => site?.close());

const load = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_000));

/** Two on a machine of its own; without the hand-over it would be the rest of the lease, seven at least. */
const WITHIN_S = SCALE.isFull ? 2 : 6;

test(`stopped with SIGTERM, the active task hands over within ${WITHIN_S} s, and nothing acknowledged is lost`, async () => {
  site = await FaultSite.start({ bundle: built.broker });
  const times: number[] = [];
  for (let round = 0; round < (SCALE.isFull ? 10 : 2); round++) {
    await load();
    const { active } = site;
    const taken = site.takenOver(active);
    active.signal("SIGTERM");
    times.push(await taken);
    expect(await active.exited).toBe(0);
    await site.launch();
  }
  const account = await site.settle();
  const figures = spread(times);
  await report("graceful hand-over", account, { handOvers: times.length, ...figures });
  expectKept(account);
  expect(figures.longestS).toBeLessThanOrEqual(WITHIN_S);
});

test("both tasks are replaced one after the other, as a deployment does it", async () => {
  site = await FaultSite.start({ bundle: built.broker });
  const former = [...site.brokers];
  // 100 to 200 percent: new ones first, then the old ones end.
  await Promise.all([site.launch(), site.launch()]);
  for (const task of former) {
    await load();
    const taken = task.isActive ? site.takenOver(task) : undefined;
    task.signal("SIGTERM");
    await taken;
    expect(await task.exited).toBe(0);
  }
  await load();
  expect(former).not.toContain(site.active);
  const account = await site.settle();
  await report("rolling replacement of both tasks", account);
  expectKept(account);
});
