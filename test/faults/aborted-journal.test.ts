import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LevelKeyValue } from "../../broker/src/persistence/level-key-value";
import type { OpenStoreProps } from "../../broker/src/persistence/open-store";
import { loopDisk, type LoopDisk } from "./loop-disk";
import { SCALE } from "./scale";

/* ext4 that gives up its journal while a store is written on: what the sync said then, and what is there afterwards. */

let folder: string;
let disk: LoopDisk | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-journal-"));
  disk = loopDisk(folder);
});
afterEach(async () => {
  disk?.remove();
  disk = undefined;
  await rm(folder, { recursive: true });
});

/** Writes until the disk fails, at any moment. @returns batches that were said to be stored and are not. */
const lostIn = async (round: number, props: Pick<OpenStoreProps, "witness"> = {}): Promise<number> => {
  const store = { ...props, folder: join(disk!.mount, `store-${round}`) };
  const written = await LevelKeyValue.open({ ...store, create: true });
  let stored = 0;
  const put = async (): Promise<void> => {
    await written.batch([{ type: "put", key: `k/${stored}`, value: Buffer.alloc(400) }]);
    stored += 1;
  };
  // On a busy machine nothing might be stored before the failure, and nothing be shown.
  await put();
  setTimeout(() => disk!.fail(), 20 + Math.random() * 100);
  try {
    for (;;) await put();
  } catch {
    await written.close();
  }
  disk!.repair();
  const found = await LevelKeyValue.open({ ...store, create: false });
  const there = [...(await found.range({ gte: "k/", lt: "k0" }))].length;
  await found.close();
  await rm(store.folder, { recursive: true });
  return Math.max(0, stored - there);
};

test("whatever moment the file system fails in, a batch that was said to be stored is there after the repair", async () => {
  const rounds = SCALE.isFull ? 200 : 15;
  for (let round = 0; round < rounds; round++) expect([round, await lostIn(round)]).toEqual([round, 0]);
  process.stderr.write(`faults: ext4's journal aborted ${rounds} times while the store was written on: lost 0\n`);
}, 600_000);

// A matter of microseconds in the kernel: it may take a hundred times, and a kernel without it would need no witness.
if (SCALE.isFull)
  test("without a witness some sync, some time, says that a batch is stored which is not", async () => {
    const witness = async () => async () => undefined;
    let rounds = 0;
    let lost = 0;
    while (lost === 0 && rounds < 1_000) lost = await lostIn((rounds += 1), { witness });
    process.stderr.write(`faults: the same without a witness (a control): lost ${lost} in round ${rounds}\n`);
    expect(lost).toBeGreaterThan(0);
  }, 900_000);
