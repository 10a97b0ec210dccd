import { cp, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { LAST_COMMIT_FILE } from "../../../broker/src/persistence/last-commit-file";
import { openLevel } from "../../../broker/src/persistence/level-database";
import { LevelKeyValue } from "../../../broker/src/persistence/level-key-value";
import { StoreFault } from "../../../broker/src/persistence/store-fault";

jest.setTimeout(120_000);

/* A crash at the end is recovered; everything else that is missing or damaged is said, and nothing is made anew. */

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mqtt-dmz-test-"));
  folder = join(root, "store");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const put = (key: string, value: string) => ({ type: "put", key, value: Buffer.from(value) }) as const;
const openIt = (path = folder): Promise<LevelKeyValue> => LevelKeyValue.open({ folder: path, create: false });
const contentOf = async (store: LevelKeyValue): Promise<string> => {
  const entries = [...(await store.range({ gte: "", lt: "~" }))];
  return JSON.stringify(entries.map(([key, value]) => [key, value.toString()]));
};
/** What a start finds: the content, or the fault. */
async function found(path = folder): Promise<string | StoreFault> {
  try {
    const store = await openIt(path);
    const content = await contentOf(store);
    await store.close();
    return content;
  } catch (error) {
    if (error instanceof StoreFault) return error;
    throw error;
  }
}
const faultOf = async (path = folder): Promise<StoreFault> => {
  const result = await found(path);
  if (typeof result === "string") throw new Error(`it was opened, and holds ${result}`);
  return result;
};
/** A store with so many commits, closed. @returns what it holds */
async function fill(commits: number, size = 10): Promise<string> {
  const store = await LevelKeyValue.open({ folder, create: true });
  for (let i = 0; i < commits; i++) {
    const extra = i > 2 ? [{ type: "del", key: `a/${i - 3}` } as const] : [];
    await store.batch([put(`a/${i}`, `${i}`.repeat(size)), put("last", `${i}`), ...extra]);
  }
  const content = await contentOf(store);
  await store.close();
  return content;
}
const fileLike = async (pattern: RegExp, path = folder): Promise<string> => {
  const name = (await readdir(path)).filter((each) => pattern.test(each)).at(-1);
  if (!name) throw new Error(`no ${pattern}`);
  return join(path, name);
};
async function flip(path: string, at: number): Promise<void> {
  const file = await open(path, "r+");
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  buffer[0]! ^= 0x10;
  await file.write(buffer, 0, 1, at);
  await file.close();
}
/** Moves everything from the log into a table, as LevelDB does at every opening. */
async function intoTables(): Promise<void> {
  await (await openIt()).close();
  await fileLike(/\.ldb$/);
}
/** Changes the database behind the store's back. */
async function behindItsBack(change: (level: Awaited<ReturnType<typeof openLevel>>) => Promise<void>): Promise<void> {
  const level = await openLevel(folder, false);
  await change(level);
  await level.close();
}

describe("a whole store", () => {
  test("is what it was when it is opened again, however often", async () => {
    const content = await fill(20);
    for (let i = 0; i < 3; i++) expect(await found()).toBe(content);
  });

  test("is open once: a second opening is refused while the first goes on", async () => {
    await fill(1);
    const store = await openIt();
    expect((await faultOf()).kind).toBe("busy");
    await store.batch([put("b", "1")]);
    await store.close();
  });

  test("keeps as many commits as it says, and no more", async () => {
    await fill(1_100, 1);
    await behindItsBack(async (level) => {
      expect(await level.keys({ lt: "\u0001" }).all()).toHaveLength(1_024 + 1);
    });
    expect(typeof (await found())).toBe("string");
  });
});

describe("a crash", () => {
  test("in the middle of a commit, at any byte of it, leaves everything before it", async () => {
    const before = await fill(3);
    const store = await openIt();
    const log = await fileLike(/\.log$/);
    const { size } = await stat(log);
    const lastCommit = await readFile(join(folder, LAST_COMMIT_FILE));
    await store.batch([put("torn", "x".repeat(100)), { type: "del", key: "last" }]);
    const after = await contentOf(store);
    const end = (await stat(log)).size;
    const copy = join(root, "copy");
    for (let length = size; length <= end; length++) {
      await rm(copy, { recursive: true, force: true });
      await cp(folder, copy, { recursive: true });
      await truncate(await fileLike(/\.log$/, copy), length);
      await writeFile(join(copy, LAST_COMMIT_FILE), lastCommit);
      expect(await found(copy)).toBe(length === end ? after : before);
    }
    await store.close();
  });

  test("while a store is made leaves a folder in which one can be made", async () => {
    const level = await openLevel(folder, true);
    await level.close();
    expect(await LevelKeyValue.open({ folder, create: true }).then((store) => store.close())).toBeUndefined();
    const early = join(root, "early");
    await (await LevelKeyValue.open({ folder: early, create: true })).close();
    for (const name of await readdir(early)) if (!/^(LOCK|LOG)$/.test(name)) await rm(join(early, name));
    await (await LevelKeyValue.open({ folder: early, create: true })).close();
  });
});

describe("what is missing is said", () => {
  test("a store that must be there", async () => {
    expect(await faultOf()).toMatchObject({ kind: "missing", folder });
    expect(await readdir(root)).toEqual([]);
  });

  test.each([/^CURRENT$/, /^MANIFEST-/, /\.log$/, /\.ldb$/])("a file like %s", async (pattern) => {
    await fill(5);
    await intoTables();
    const store = await openIt();
    await store.batch([put("in the log", "1")]);
    await store.close();
    const path = await fileLike(pattern);
    await rm(path);
    const names = await readdir(folder);
    const fault = await faultOf();
    expect(fault).toMatchObject({ kind: "corrupt" });
    expect(fault.message).toContain("dmz store verify");
    // A second look finds it still missing.
    expect(await faultOf()).toMatchObject({ kind: "corrupt" });
    expect(await readdir(folder)).toEqual(expect.arrayContaining(names.filter((name) => !/^LOG/.test(name))));
  });

  test("the last commits, acknowledged, of a log that was cut", async () => {
    await fill(5);
    const log = await fileLike(/\.log$/);
    await truncate(log, (await stat(log)).size - 200);
    const fault = await faultOf();
    expect(fault.what).toMatch(/^commits? \d+.* missing$/);
    expect((await faultOf()).what).toBe(fault.what);
  });

  test("one record, taken out behind the store's back", async () => {
    await fill(5);
    await behindItsBack((level) => level.del("a/4"));
    expect((await faultOf()).what).toMatch(/^records are missing.* holds 3, the last commit left 4/);
  });

  test("a commit in between", async () => {
    await fill(5);
    await behindItsBack((level) => level.del("\u0000commit/0000000000000003"));
    expect((await faultOf()).what).toBe("commit 3 is missing");
  });

  test("the record of the format", async () => {
    await fill(5);
    await behindItsBack((level) => level.del("\u0000format"));
    expect((await faultOf()).what).toBe("the record of its format is missing");
  });
});

describe("what is damaged is said", () => {
  test("a record that is an older version of itself, its own checksum right", async () => {
    await fill(5);
    let older: Buffer | undefined;
    await behindItsBack(async (level) => {
      older = await level.get("last");
    });
    const store = await openIt();
    await store.batch([put("last", "newer")]);
    await store.close();
    expect(typeof (await found())).toBe("string");
    await behindItsBack((level) => level.put("last", older!));
    expect((await faultOf()).what).toMatch(/^records are missing/);
  });

  test("a record under another's key", async () => {
    await fill(5);
    await behindItsBack(async (level) => level.put("a/4", (await level.get("a/3"))!));
    expect((await faultOf()).what).toBe("the record 'a/4' is damaged: it does not have its checksum");
  });

  test("the number of the last commit", async () => {
    await fill(2);
    await flip(join(folder, LAST_COMMIT_FILE), 5);
    expect((await faultOf()).what).toBe(`the file ${LAST_COMMIT_FILE} is damaged`);
  });

  // What LevelDB alone says of the same files is the negative control: it opens most, and has lost something in many.
  test("a flipped bit anywhere: the content is whole or there is a fault; LevelDB alone loses records without a word", async () => {
    const content = await fill(60, 100);
    await intoTables();
    const store = await openIt();
    for (let i = 0; i < 60; i++) await store.batch([put(`b/${i}`, `${i}`.repeat(100))]);
    const whole = await contentOf(store);
    await store.close();
    expect(whole).not.toBe(content);
    const copy = join(root, "copy");
    const outcomes = { whole: 0, fault: 0, silentInLevel: 0 };
    for (const name of (await readdir(folder)).filter((each) => !/^LO/.test(each))) {
      const { size } = await stat(join(folder, name));
      for (let i = 0; i < 12; i++) {
        const at = Math.floor((size * (i + 0.5)) / 12);
        for (const look of ["ours", "LevelDB alone"]) {
          await rm(copy, { recursive: true, force: true });
          await cp(folder, copy, { recursive: true });
          await flip(join(copy, name), at);
          if (look === "ours") {
            const result = await found(copy);
            if (typeof result === "string") expect([name, at, result]).toEqual([name, at, whole]);
            outcomes[typeof result === "string" ? "whole" : "fault"] += 1;
          } else if (await loses(copy, (JSON.parse(whole) as unknown[]).length)) outcomes.silentInLevel += 1;
        }
      }
    }
    expect(outcomes.fault).toBeGreaterThan(10);
    expect(outcomes.silentInLevel).toBeGreaterThan(3);
  });
});

/** Whether LevelDB alone opens it, complains of nothing, and has less than there was. */
async function loses(path: string, records: number): Promise<boolean> {
  try {
    const level = await openLevel(path, false);
    const keys = await level
      .keys({ gt: "\u0001" })
      .all()
      .finally(() => level.close());
    return keys.length < records;
  } catch {
    return false;
  }
}
