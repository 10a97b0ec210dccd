import { afterEach, expect, test } from "@jest/globals";
import type { BrokerProcess } from "./broker-process";
import { bundles } from "./bundles";
import { expectKept } from "./expect-kept";
import { FaultSite, TAKEN_OVER_MS } from "./fault-site";
import { report } from "./report";
import { SCALE } from "./scale";

const built = bundles();
let site: FaultSite | undefined;
afterEach(() => site?.close());

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const acquired = ({ lines }: BrokerProcess): unknown[] =>
  lines.filter(({ event }) => event === "lease-acquired").map(({ epoch }) => epoch);

/** One of the two is active, and the other knows it. */
const expectOne = async (pair: readonly BrokerProcess[]): Promise<void> => {
  await Promise.any(pair.map((broker) => broker.logged("active", TAKEN_OVER_MS)));
  const winner = site!.active;
  const [other] = pair.filter((broker) => broker !== winner);
  const [epoch, ...more] = acquired(winner);
  expect(more).toEqual([]);
  // Before that it may have seen the one that both come after.
  const knows = await other!.logged("lease-holder", TAKEN_OVER_MS, 0, (line) => line["epoch"] === epoch);
  expect(knows).toMatchObject({ holder: winner.address });
  expect(acquired(other!)).toEqual([]);
};

test(
  `two tasks that are started at once take the lease ${SCALE.starts} times for free: one has it each time, and nothing is lost`,
  async () => {
    site = await FaultSite.start({ bundle: built.broker });
    let pair: readonly BrokerProcess[] = site.brokers;
    // The very first time, when there is no item yet.
    await expectOne(pair);
    for (let start = 1; start < SCALE.starts; start++) {
      await wait(Math.random() * 500);
      // Now and then both die: those who come find a lease that nobody renews, and take it when it has run out.
      for (const broker of pair) broker.signal(start % 5 === 2 ? "SIGKILL" : "SIGTERM");
      await Promise.all(pair.map(({ exited }) => exited));
      pair = await site.launchBoth();
      await expectOne(pair);
    }
    const account = await site.settle();
    const epochs = site.brokers.flatMap(acquired);
    await report("both started at once", account, { starts: SCALE.starts, refused: site.table.refused });
    expectKept(account);
    expect(new Set(epochs).size).toBe(SCALE.starts);
    // They did meet: each time one of them was told that it came second.
    expect(site.table.refused).toBeGreaterThanOrEqual(SCALE.starts);
  },
  SCALE.starts * 30_000 + 180_000,
);

test("without the condition of its write both of them have the lease (a control)", async () => {
  site = await FaultSite.start({ bundle: built.broker });
  for (const broker of site.brokers) broker.signal("SIGTERM");
  await Promise.all(site.brokers.map(({ exited }) => exited));
  site.table.areConditional = false;
  // They share the folder of one epoch: one of them may not even come up.
  await Promise.allSettled([site.launchBoth()]);
  const [one, other] = site.brokers.slice(-2).map(acquired);
  expect(one!.length).toBeGreaterThan(0);
  expect(other![0]).toBe(one![0]);
});
