import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeUpdate } from "../../../edge-image/slot/take-update";
import { UpdateRefused } from "../../../edge-image/update/update-refused";
import type { UpdateResult } from "../../../policy/edge-device";

let ready: string;
let said: string[];
let left: UpdateResult[];
let restarts: number;
beforeEach(() => {
  ready = join(mkdtempSync(join(tmpdir(), "dmz-take-")), "ready");
  mkdirSync(ready);
  writeFileSync(join(ready, "image"), "x");
  [said, left, restarts] = [[], [], 0];
});
afterEach(() => rmSync(join(ready, ".."), { recursive: true }));

const refusedWith = (reason: string, version = "unknown") => ({
  version,
  outcome: "refused",
  reason,
  time: expect.stringMatching(/^\d{4}-/),
});
const take = (install: () => string, result = (outcome: UpdateResult): void => void left.push(outcome)) => {
  const say = (text: string): void => void said.push(text);
  takeUpdate({ ready, install, result, say, restart: () => void restarts++ });
};
const elsewhere = (): string => {
  const path = join(ready, "../elsewhere");
  writeFileSync(path, JSON.stringify({ manifest: '{"version":"1.10.0"}', signature: "" }));
  return path;
};
const fails = (error: Error) => (): never => {
  throw error;
};
const full = fails(new Error("ENOSPC: no space left on device"));

test("an update that was installed is told, taken away, and started", () => {
  take(() => "1.10.0");
  expect(left).toEqual([{ version: "1.10.0", outcome: "installed" }]);
  expect([existsSync(ready), restarts]).toEqual([false, 1]);
});

test("one that is refused is told and taken away; nothing starts, and the service did its work", () => {
  take(fails(new UpdateRefused("it is for another site")));
  expect(left).toEqual([refusedWith("it is for another site")]);
  expect([existsSync(ready), restarts]).toEqual([false, 0]);
});

test("what nobody expected is told and taken away, too, and fails the service", () => {
  const mount = new Error("Command failed: mount");
  expect(() => take(fails(mount))).toThrow(mount);
  expect(left).toEqual([refusedWith("Command failed: mount")]);
  expect([existsSync(ready), restarts]).toEqual([false, 0]);
});

test("whoever announced the version finds it in the answer, whatever it failed by", () => {
  writeFileSync(join(ready, "update.json"), JSON.stringify({ manifest: '{"version":"1.10.0"}', signature: "" }));
  take(fails(new UpdateRefused("the slot is too small")));
  expect(left).toEqual([refusedWith("the slot is too small", "1.10.0")]);
});

test.each([
  ["is no version", (path: string) => writeFileSync(path, JSON.stringify({ manifest: '{"version":"<b>"}' }))],
  ["is a file of somebody else, by a link", (path: string) => symlinkSync(elsewhere(), path)],
  ["is no JSON", (path: string) => writeFileSync(path, "{")],
])("a name for it that %s is not believed", (_, write) => {
  write(join(ready, "update.json"));
  take(fails(new UpdateRefused("no good")));
  expect(left).toEqual([refusedWith("no good")]);
});

test("a data partition that takes no word of it hides no fault", () => {
  const mount = new Error("Command failed: mount");
  expect(() => take(fails(mount), full)).toThrow(mount);
  expect(said).toEqual([expect.stringContaining("ENOSPC")]);
  expect([existsSync(ready), restarts]).toEqual([false, 0]);
});

test("nor does it keep from starting what was installed, or call it refused", () => {
  const outcomes: string[] = [];
  take(
    () => "1.10.0",
    ({ outcome }) => {
      outcomes.push(outcome);
      full();
    },
  );
  expect(outcomes).toEqual(["installed"]);
  expect([existsSync(ready), restarts]).toEqual([false, 1]);
});

test("an update that cannot be taken away, as from a data partition that became read-only, is started, not written again", () => {
  const folder = ready;
  ready = join(folder, "x".repeat(300));
  try {
    take(() => "1.10.0");
  } finally {
    ready = folder;
  }
  expect(said).toEqual([expect.stringContaining("ENAMETOOLONG")]);
  expect([left, restarts]).toEqual([[{ version: "1.10.0", outcome: "installed" }], 1]);
});
