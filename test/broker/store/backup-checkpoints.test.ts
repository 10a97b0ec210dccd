import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LevelKeyValue } from "../../../broker/src/persistence/level-key-value";
import { BACKUP, BackupCheckpoints } from "../../../broker/src/store/backup-checkpoints";
import { FILES } from "../../../broker/src/store/files";
import { folderName } from "../../../broker/src/store/folder-name";
import { captureLog } from "../log-capture";

const HOUR = 3_600_000;

let root: string;
let source: string;
let store: LevelKeyValue;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dmz-backup-"));
  source = join(root, "epoch-000000000001");
  store = await LevelKeyValue.open({ folder: source, create: true });
  await mkdir(join(root, "backup"));
});
afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true });
});

/** Checkpoints that are there when the broker starts, as old as that: negative ages lie in the future. */
const present = (...hours: readonly number[]): Promise<string[]> =>
  Promise.all(
    hours.map(async (age) => {
      const name = folderName.checkpoint(new Date(Date.now() - age * HOUR));
      await mkdir(join(root, "backup", name));
      return name;
    }),
  );
/** What one look leaves, the oldest first, and which checkpoint it says that it made. */
const look = async (): Promise<{ names: readonly string[]; made: unknown }> => {
  const logs = captureLog();
  let begun = (): void => undefined;
  const looks = new Promise<void>((resolve) => (begun = resolve));
  const readdirAndTell = ((folder: string) => {
    begun();
    return FILES.readdir(folder);
  }) as typeof FILES.readdir;
  const backups = new BackupCheckpoints({ root, source, log: logs.log, files: { ...FILES, readdir: readdirAndTell } });
  await looks;
  await backups.stop();
  const made = logs.lines.find(({ event }) => event === "store-checkpoint")?.["checkpoint"];
  expect(logs.lines.filter(({ event }) => event === "store-checkpoint-failed")).toEqual([]);
  return { names: (await readdir(join(root, "backup"))).sort(), made };
};

test("a checkpoint is made when the last one is old enough, and the oldest goes", async () => {
  const [, ...younger] = await present(30, 24, 18, 12);
  const { names, made } = await look();
  expect(names).toEqual([...younger, made]);
  expect(names).toHaveLength(BACKUP.keep);
});

test("none is made when the last one is younger, however many there are", async () => {
  const before = await present(9, 3);
  expect(await look()).toEqual({ names: before, made: undefined });
});

test("checkpoints made under a clock that ran ahead go first: the one of now stays, and so does a past one", async () => {
  const [past, ...ahead] = await present(7, -10_000, -10_006, -10_012);
  const { names, made } = await look();
  expect(names).toEqual([past, made, ...ahead.slice(1)]);
});

test("when all were made under such a clock the one of now is kept all the same, and none is due at once", async () => {
  await present(-10_000, -10_006, -10_012, -10_018);
  const { names, made } = await look();
  expect(names).toContain(made);
  expect(names).toHaveLength(BACKUP.keep);
  expect((await look()).made).toBeUndefined();
});
