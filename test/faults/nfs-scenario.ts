import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { FaultSite } from "./fault-site";
import { spread } from "./report";

/** Runs in a virtual machine, on a mount of NFS 4.1: arguments are the mount, the broker's bundle, the emulator, the kills. */
async function main(): Promise<void> {
  const [mount, bundle, emulator, kills] = process.argv.slice(2) as [string, string, string, string];
  const syncMs = await syncs(join(mount, "sync"));
  process.stdout.write(`NFS-SYNC ${JSON.stringify(syncMs)}\n`);
  const store = join(mount, "store");
  await mkdir(store);
  const site = await FaultSite.start({ bundle, store, emulator, slowness: 8, publisherKeepalive: 15 });
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const takeOver = async (signal: NodeJS.Signals): Promise<number> => {
    await wait(1_000 + Math.random() * 1_000);
    // An emulated machine is slow enough to lose a lease now and then: nobody is active for a moment.
    while (site.brokers.filter(({ isActive }) => isActive).length !== 1) await wait(100);
    const { active } = site;
    const taken = site.takenOver(active);
    active.signal(signal);
    const ms = await taken;
    await active.exited;
    await site.launch();
    return ms;
  };
  const killed: number[] = [];
  for (let kill = 0; kill < Number(kills); kill++) killed.push(await takeOver("SIGKILL"));
  const handedOver = [await takeOver("SIGTERM"), await takeOver("SIGTERM")];
  const account = await site.settle(180_000);
  const figures = { kills: killed.length, killed: spread(killed), handedOver: spread(handedOver), syncMs };
  process.stdout.write(`NFS-RESULT ${JSON.stringify({ account, figures })}\n`);
  await site.close();
}

/** Appends of 4 KiB, each synced: milliseconds. */
async function syncs(path: string): Promise<{ readonly p50: number; readonly p99: number }> {
  const file = await open(path, "w");
  const times: number[] = [];
  for (let i = 0; i < 500; i++) {
    const begun = performance.now();
    await file.write(Buffer.alloc(4_096, i));
    await file.sync();
    times.push(performance.now() - begun);
  }
  await file.close();
  times.sort((a, b) => a - b);
  const at = (part: number): number => Math.round(times[Math.floor(times.length * part)]! * 100) / 100;
  return { p50: at(0.5), p99: at(0.99) };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stdout.write(`NFS-FAILED ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
