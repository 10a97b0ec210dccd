import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { bundles } from "./bundles";
import { expectKept } from "./expect-kept";
import { FaultSite } from "./fault-site";
import { loopDisk } from "./loop-disk";
import { report } from "./report";

const built = bundles();
let site: FaultSite | undefined;
let folder: string;
let undo: (() => void)[];
const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: "utf8" }).trim();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dmz-disk-"));
  undo = [() => rmSync(folder, { recursive: true })];
});
afterEach(async () => {
  await site?.close();
  for (const step of undo.splice(0).reverse()) step();
});

/** Every task has ended by itself, and said why. */
const refused = async (from: FaultSite): Promise<void> => {
  for (const broker of from.brokers) {
    expect(await broker.exited).toBe(1);
    expect(broker.lines.some(({ level }) => level === "fatal" || level === "error")).toBe(true);
  }
};

test("on a full disk nothing is acknowledged, and with room again all that was is there", async () => {
  const mount = join(folder, "full");
  mkdirSync(mount);
  run("mount", "-t", "tmpfs", "-o", "size=24m", "dmz-faults", mount);
  undo.push(() => run("umount", mount));
  site = await FaultSite.start({ bundle: built.broker, store: join(mount, "store") });
  const ballast = join(mount, "ballast");
  const { bavail, bsize } = statfsSync(mount);
  // What is left takes a few hundred messages.
  writeFileSync(ballast, Buffer.alloc(bavail * bsize - 200_000));
  await refused(site);
  const acknowledged = site.ledger.account.acknowledged;
  rmSync(ballast);
  await site.launchBoth();
  const account = await site.settle();
  await report("disk full", account);
  expectKept(account);
  expect(account.acknowledged).toBeGreaterThan(acknowledged);
});

test("after an I/O error nothing is acknowledged, and on the repaired disk all that was is there", async () => {
  const disk = loopDisk(folder);
  undo.push(disk.remove);
  site = await FaultSite.start({ bundle: built.broker, store: join(disk.mount, "store") });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  disk.fail();
  await refused(site);
  const acknowledged = site.ledger.account.acknowledged;
  disk.repair();
  await site.launchBoth();
  const account = await site.settle();
  await report("I/O error", account);
  expectKept(account);
  expect(account.acknowledged).toBeGreaterThan(acknowledged);
});
