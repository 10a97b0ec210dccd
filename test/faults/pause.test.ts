import { afterEach, expect, test } from "@jest/globals";
import { LEASE } from "../../broker/src/lease";
import { bundles } from "./bundles";
import { expectKept } from "./expect-kept";
import { FaultSite } from "./fault-site";
import type { Account } from "./ledger";
import { report } from "./report";

const built = bundles();
let site: FaultSite | undefined;
afterEach(() => site?.close());

/**
 * SIGSTOP for longer than the lease, under load, then SIGCONT. The publishers are patient: they stay connected, and what
 * they sent meanwhile is the first thing that the former holder reads when it goes on.
 */
const pause = async (bundle: string): Promise<{ account: Account; events: (string | undefined)[] }> => {
  site = await FaultSite.start({ bundle, publisherKeepalive: 0 });
  const { active } = site;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const taken = site.takenOver(active);
  active.signal("SIGSTOP");
  await taken;
  // The former holder's clock stood still as little as anybody's.
  await new Promise((resolve) => setTimeout(resolve, LEASE.renewMs));
  const from = active.lines.length;
  active.signal("SIGCONT");
  // A round of its own timers: all that it would say wrongly is said by then.
  await new Promise((resolve) => setTimeout(resolve, LEASE.renewMs));
  return { account: await site.settle(), events: active.lines.slice(from).map(({ event }) => event) };
};

test("a holder that was paused for longer than its lease acknowledges nothing when it goes on", async () => {
  const { account, events } = await pause(built.broker);
  await report("SIGSTOP beyond the lease, then SIGCONT", account);
  expectKept(account);
  expect(events).toContain("lease-lost");
});

test("without the gate of the lease the same pause loses messages that were acknowledged", async () => {
  const { account } = await pause(built.ungated);
  await report("the same without the gate (a control)", account);
  expect(account.lost).toBeGreaterThan(0);
});
