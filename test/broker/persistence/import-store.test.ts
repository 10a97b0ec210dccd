import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EXPORT } from "../../../broker/src/persistence/export-store";
import { importStore } from "../../../broker/src/persistence/import-store";

/* An export that was edited by hand, as docs/store.md allows: count and digest are right again, a line is not. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-import-"));
});
afterEach(() => rm(folder, { recursive: true }));

const importOf = (records: readonly { key: string; value: string }[]): Promise<number> => {
  const lines = records.map((record) => JSON.stringify(record));
  const sha256 = createHash("sha256")
    .update(lines.map((line) => `${line}\n`).join(""))
    .digest("hex");
  const all = [
    JSON.stringify({ export: EXPORT, commit: 1 }),
    ...lines,
    JSON.stringify({ records: lines.length, sha256 }),
  ];
  return importStore(
    (async function* () {
      yield* all;
    })(),
    join(folder, "store"),
  );
};

test("an edited export is imported when its lines are what they should be", async () => {
  expect(
    await importOf([
      { key: "a/1", value: "" },
      { key: "a/2", value: "AQI=" },
    ]),
  ).toBe(2);
});

test.each(["AQI", "A_-=", "AQI=AQI=", "not base64"])(
  "a value that is no base64, '%s', is refused and not cut",
  async (value) => {
    await expect(importOf([{ key: "a/1", value }])).rejects.toThrow("line 2: 'value' must be text in base64");
  },
);

test.each([
  ["twice", "a/2"],
  ["in another order", "a/1"],
])("a key that comes %s is refused: no record takes another's place", async (_, key) => {
  const records = [
    { key: "a/2", value: "AQ==" },
    { key, value: "Ag==" },
  ];
  await expect(importOf(records)).rejects.toThrow(`line 3: 'key' must come behind 'a/2', got '${key}'`);
});
