import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";

import { encodeFormat, FORMAT } from "../../../broker/src/persistence/format";
import { openLevel, type LevelDatabase } from "../../../broker/src/persistence/level-database";
import { LevelKeyValue } from "../../../broker/src/persistence/level-key-value";
import { ownKey } from "../../../broker/src/persistence/own-key";
import { StoreFault } from "../../../broker/src/persistence/store-fault";
import { upgradeFormat } from "../../../broker/src/persistence/upgrade-format";

jest.setTimeout(120_000);

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mqtt-dmz-test-"));
  folder = join(root, "store");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const RECORDS = 5_000;
const keyOf = (i: number): string => `message/${i.toString().padStart(16, "0")}`;
const expected = Array.from({ length: RECORDS }, (_, i) => [keyOf(i), `value ${i}`]);

/** A store as format 1 has it: values as they are, no commit. */
async function makeFormatOne(): Promise<void> {
  const level = await openLevel(folder, true);
  await level.batch([
    { type: "put", key: ownKey.format, value: encodeFormat(1) },
    ...expected.map(([key, value]) => ({ type: "put", key: key!, value: Buffer.from(value!) }) as const),
  ]);
  await level.close();
}
async function content(path = folder): Promise<string[][]> {
  const store = await LevelKeyValue.open({ folder: path, create: false });
  const entries = [...(await store.range({ gte: "", lt: "~" }))];
  await store.close();
  return entries.map(([key, value]) => [key, value.toString()]);
}

test("a store of format 1 is one of the current format after it was opened, with all that it held", async () => {
  await makeFormatOne();
  expect(await content()).toEqual(expected);
  const level = await openLevel(folder, false);
  expect((await level.get(ownKey.format))!.toString()).toContain(`format ${FORMAT}\n`);
  await level.close();
  expect(await content()).toEqual(expected);
});

test("what has no bytes has its checksum too: LevelDB gives it as a buffer without memory, of which zlib's is 0", async () => {
  const key = "incoming/gw-1/7";
  const level = await openLevel(folder, true);
  await level.batch([
    { type: "put", key: ownKey.format, value: encodeFormat(1) },
    { type: "put", key, value: Buffer.alloc(0) },
  ]);
  await level.close();
  expect(await content()).toEqual([[key, ""]]);
  expect(await content()).toEqual([[key, ""]]);
});

test("a crash between any two steps of the upgrade loses nothing: the next start goes on where it was", async () => {
  await makeFormatOne();
  let steps: number;
  for (let crashAfter = 0; ; crashAfter++) {
    const copy = join(root, `copy-${crashAfter}`);
    await cp(folder, copy, { recursive: true });
    const level = await openLevel(copy, false);
    let done = 0;
    const crashing = Object.assign(Object.create(level) as LevelDatabase, {
      iterator: level.iterator.bind(level),
      batch: async (operations: { type: "put"; key: string; value: Buffer }[]) => {
        if (done === crashAfter) throw new Error("crash");
        done += 1;
        await level.batch(operations, { sync: true });
      },
    });
    const crashed = await upgradeFormat(crashing, { version: 1, note: "" }).then(
      () => false,
      () => true,
    );
    await level.close();
    expect(await content(copy)).toEqual(expected);
    steps = crashAfter;
    if (!crashed) break;
  }
  expect(steps).toBeGreaterThan(2);
});

test("a store of a later format is refused, and stays as it is", async () => {
  await (await LevelKeyValue.open({ folder, create: true })).close();
  const level = await openLevel(folder, false);
  await level.put(ownKey.format, encodeFormat(FORMAT + 1), { sync: true } as object);
  await level.close();
  const fault = await content().catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(StoreFault);
  expect(fault).toMatchObject({ kind: "newer" });
  expect((fault as Error).message).toContain(
    `its format is ${FORMAT + 1}, and this version knows formats up to ${FORMAT}`,
  );
  const again = await openLevel(folder, false);
  expect((await again.get(ownKey.format))!.toString()).toContain(`format ${FORMAT + 1}\n`);
  await again.close();
});

test("a format that nobody ever wrote is a damaged one", async () => {
  await (await LevelKeyValue.open({ folder, create: true })).close();
  const level = await openLevel(folder, false);
  await level.put(ownKey.format, Buffer.from("something"));
  await level.close();
  await expect(content()).rejects.toMatchObject({ kind: "corrupt", what: "the record of its format is damaged" });
});

test("docs/store.md names the format in use", async () => {
  expect(await readFile(join(__dirname, "../../../docs/store.md"), "utf8")).toContain(`format ${FORMAT}`);
  expect(await readdir(root)).toEqual([]);
});
