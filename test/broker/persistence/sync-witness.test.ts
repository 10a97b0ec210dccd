import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Journal } from "../../../broker/src/persistence/journal";
import { LevelKeyValue } from "../../../broker/src/persistence/level-key-value";
import { syncWitness } from "../../../broker/src/persistence/sync-witness";

/* A sync that returns without an error although nothing was stored; `test/faults/aborted-journal.test.ts` has a real one. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mqtt-dmz-witness-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("nothing is acknowledged on a sync that the file system denies afterwards, nor anything later", async () => {
  let isAborted = false;
  const store = await LevelKeyValue.open({
    folder,
    create: true,
    witness: async () => async () => {
      if (isAborted) throw new Error("EROFS: read-only file system, ftruncate");
    },
  });
  const heard: string[] = [];
  let failed: (error: Error) => void;
  const failure = new Promise<Error>((resolve) => (failed = resolve));
  const journal = new Journal({ store, onFailure: (error) => failed(error) });
  journal.put("a", Buffer.from("1"));
  await journal.committed();
  isAborted = true;
  journal.put("b", Buffer.from("2"));
  journal.afterCommit(() => heard.push("acknowledged"));
  expect((await failure).message).toMatch(/cannot be read or written: EROFS.* Nothing more is acknowledged/);
  isAborted = false;
  await expect(store.batch([])).rejects.toThrow("EROFS");
  expect(heard).toEqual([]);
  await store.close();
});

test("to be asked changes nothing of the file", async () => {
  const path = join(folder, "file");
  const file = await open(path, "wx+");
  try {
    await file.write("as it is");
    await (
      await syncWitness(folder, file, 8)
    )();
    expect(await file.stat()).toMatchObject({ size: 8 });
    expect((await file.read(Buffer.alloc(9), 0, 9, 0)).buffer.toString("latin1", 0, 8)).toBe("as it is");
  } finally {
    await file.close();
  }
});
