import { cp, mkdtemp, readdir, rename, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LevelKeyValue } from "../../../broker/src/persistence/level-key-value";
import { EpochFolders, type EpochFolder } from "../../../broker/src/store/epoch-folders";
import { FILES } from "../../../broker/src/store/files";
import { takeCheckpoint } from "../../../broker/src/store/take-checkpoint";
import { Crash, crashingFiles } from "./crashing-files";

let root: string;
let open: LevelKeyValue[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dmz-epochs-"));
  open = [];
});
afterEach(async () => {
  for (const store of open) await store.close().catch(() => undefined);
  await rm(root, { recursive: true });
});

const openIn = async ({ path, isFirst }: Pick<EpochFolder, "path" | "isFirst">): Promise<LevelKeyValue> => {
  const store = await LevelKeyValue.open({ folder: path, create: isFirst });
  open.push(store);
  return store;
};
const put = (store: LevelKeyValue, key: string, bytes = 10): Promise<void> =>
  store.batch([{ type: "put", key, value: Buffer.alloc(bytes, key) }]);
const has = async (store: LevelKeyValue, key: string): Promise<boolean> => (await store.get(key)) !== undefined;
/** An epoch from its beginning to the lease's update; `lease.completed` is what the lease item says. */
const lease: { completed: string | undefined } = { completed: undefined };
beforeEach(() => {
  lease.completed = undefined;
});
const epoch = async (number: number, folders = new EpochFolders({ root })): Promise<LevelKeyValue> => {
  const folder = await folders.begin(number, lease.completed);
  const store = await openIn(folder);
  lease.completed = folder.name;
  await folders.completed(folder);
  await folders.prune(folder);
  return store;
};

test("an epoch begins with all that the one before it stored, while that one is still open", async () => {
  const first = await epoch(1);
  await put(first, "a");
  const second = await epoch(2);
  expect(await has(second, "a")).toBe(true);
});

test("what a former holder writes late stays in its own folder", async () => {
  const first = await epoch(1);
  await put(first, "a");
  const second = await epoch(2);
  // Enough that the late writer makes and removes tables, and compacts.
  for (let i = 0; i < 40; i++) await put(first, `late-${i}`, 500_000);
  await put(second, "b");
  await second.close();
  const third = await epoch(3);
  expect(await Promise.all(["a", "b", "late-1"].map((key) => has(third, key)))).toEqual([true, true, false]);
});

test("without folders of their own a late writer destroys what its successor acknowledged", async () => {
  const first = await epoch(1);
  await put(first, "a");
  // The lock of a dead host goes, and its successor opens the same folder: by another name, since one process holds both.
  const same = join(root, "same");
  await symlink(join(root, "epoch-000000000001"), same);
  await rm(join(same, "LOCK"));
  const second = await openIn({ path: same, isFirst: false });
  await put(second, "b");
  await Promise.allSettled(Array.from({ length: 40 }, (_, i) => put(first, `late-${i}`, 500_000)));
  await second.close();
  await first.close();
  const after = async (): Promise<boolean> => has(await openIn({ path: same, isFirst: false }), "b");
  expect(await after().catch(() => false)).toBe(false);
});

test("tables are shared by hard link, and no more epochs are kept than two", async () => {
  const first = await epoch(1);
  for (let i = 0; i < 12; i++) await put(first, `big-${i}`, 500_000);
  await first.close();
  for (let number = 2; number <= 8; number++) await (await epoch(number)).close();
  expect((await readdir(root)).sort()).toEqual([6, 7, 8].map((number) => `epoch-00000000000${number}`));
  const tables = (await readdir(join(root, "epoch-000000000008"))).filter((name) => name.endsWith(".ldb"));
  const links = await Promise.all(
    tables.map(async (name) => (await stat(join(root, "epoch-000000000008", name))).nlink),
  );
  expect(Math.max(...links)).toBe(3);
});

test("a late holder's pruning removes nothing that is newer than its own epoch", async () => {
  const folders = new EpochFolders({ root, keep: 0 });
  const former = await folders.begin(1, undefined);
  await (await openIn(former)).close();
  lease.completed = former.name;
  await (await epoch(2)).close();
  await (await epoch(3)).close();
  await folders.prune(former);
  expect(await readdir(root)).toEqual(expect.arrayContaining([2, 3].map((number) => `epoch-00000000000${number}`)));
});

test("after a crash between any two steps the next epoch has all, from the last folder that the lease names", async () => {
  let at = 1;
  for (; ; at++) {
    await rm(root, { recursive: true });
    await FILES.mkdir(root);
    lease.completed = undefined;
    const first = await epoch(1);
    await put(first, "a");
    await first.close();
    const { files, calls } = crashingFiles(at);
    await epoch(2, new EpochFolders({ root, files, keep: 0 })).then(
      (store) => store.close(),
      (error: unknown) => {
        if (!(error instanceof Crash)) throw error;
        return Promise.all(open.splice(0).map((store) => store.close().catch(() => undefined)));
      },
    );
    const third = await epoch(3);
    expect(await has(third, "a")).toBe(true);
    await third.close();
    expect((await readdir(root)).filter((name) => name.includes("building"))).toEqual([]);
    if (calls() < at) break;
  }
  // Folder, links, copies, syncs, names, marker, removal: far fewer would mean that the test stops somewhere else.
  expect(at).toBeGreaterThan(30);
});

test("a checkpoint of a store under load is whole, and misses nothing that was stored before it began", async () => {
  const store = await epoch(1);
  let stop = false;
  let stored = 0;
  const load = (async () => {
    while (!stop) {
      await put(store, `load-${stored}`, 20_000);
      stored += 1;
    }
  })();
  for (let round = 0; round < 20; round++) {
    const before = stored;
    const folder = join(root, `copy-${round}`);
    await takeCheckpoint(join(root, "epoch-000000000001"), folder);
    const copy = await openIn({ path: folder, isFirst: false });
    if (before > 0) expect(await has(copy, `load-${before - 1}`)).toBe(true);
    await copy.close();
  }
  stop = true;
  await load;
});

const refusal = /docs\/failover\.md says under 'Restore'/;

test("a folder that the lease names and nobody has is an error with what to do, and nothing is made new", async () => {
  await (await epoch(1)).close();
  await rm(join(root, "epoch-000000000001"), { recursive: true });
  await expect(epoch(2)).rejects.toThrow(/names 'epoch-000000000001', which is not there/);
  await expect(epoch(2)).rejects.toThrow(refusal);
  expect(await readdir(root)).toEqual([]);
});

test("a lease item that was lost or set back does not make an empty or old store", async () => {
  await (await epoch(1)).close();
  await (await epoch(2)).close();
  lease.completed = undefined;
  await expect(epoch(1)).rejects.toThrow(/names no folder, but 'epoch-000000000002' was completed after it/);
  lease.completed = "epoch-000000000001";
  await expect(epoch(3)).rejects.toThrow(refusal);
});

test("an epoch that counts no further than the folder which the lease names removes nothing", async () => {
  const first = await epoch(1);
  await put(first, "acknowledged");
  await first.close();
  await expect(epoch(1)).rejects.toThrow(/names 'epoch-000000000001', and counts no further than 'epoch-000000000001'/);
  expect(await has(await epoch(2), "acknowledged")).toBe(true);
});

test("a name in the lease that is no epoch's is refused", async () => {
  lease.completed = "../../etc";
  await expect(epoch(1)).rejects.toThrow(/no name of an epoch's folder/);
});

test("a checkpoint in 'restore' is what the next epoch begins with, once, whatever the lease says", async () => {
  const first = await epoch(1);
  await put(first, "backed up");
  await takeCheckpoint(join(root, "epoch-000000000001"), join(root, "kept"));
  await put(first, "lost");
  await first.close();
  await (await epoch(7)).close();
  await cp(join(root, "kept"), join(root, "restore"), { recursive: true });
  // A new table counts epochs from 1.
  lease.completed = undefined;
  const restored = await epoch(1);
  expect(await Promise.all(["backed up", "lost"].map((key) => has(restored, key)))).toEqual([true, false]);
  await put(restored, "new");
  await restored.close();
  const next = await epoch(2);
  expect(await Promise.all(["backed up", "new"].map((key) => has(next, key)))).toEqual([true, true]);
});

test("a crash right behind the lease's update does not restore a second time over what came since", async () => {
  await (await epoch(1)).close();
  await rename(join(root, "epoch-000000000001"), join(root, "restore"));
  const folders = new EpochFolders({ root });
  const folder = await folders.begin(2, undefined);
  const store = await openIn(folder);
  // The lease names it; the process ends before it does anything else. What it acknowledged meanwhile must stay.
  lease.completed = folder.name;
  await put(store, "since");
  await store.close();
  const next = await epoch(3);
  expect(await has(next, "since")).toBe(true);
  await next.close();
  expect(await has(await epoch(4), "since")).toBe(true);
});

test("what a restore takes the place of is set aside, each time under a name of its own", async () => {
  for (const text of ["first", "second", "third"]) {
    const store = await epoch(1);
    await put(store, text);
    await store.close();
    await takeCheckpoint(join(root, "epoch-000000000001"), join(root, "restore"));
    // A new table counts epochs from 1.
    lease.completed = undefined;
  }
  await (await epoch(1)).close();
  const aside = (await readdir(root)).filter((name) => name.startsWith("set-aside-")).sort();
  expect(aside).toEqual(["", "-2", "-3"].map((nth) => `set-aside-epoch-000000000001${nth}`));
  const last = await openIn({ path: join(root, aside[2]!), isFirst: false });
  expect(await Promise.all(["first", "second", "third"].map((key) => has(last, key)))).toEqual([true, true, true]);
});

test("a 'restore' without a checkpoint in it is refused", async () => {
  await FILES.mkdir(join(root, "restore"));
  await expect(epoch(1)).rejects.toThrow(/must hold the file CURRENT itself/);
});
