import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWhole } from "../../../edge-image/slot/write-whole";

const OWNER = process.getuid?.() === 0 ? 990 : process.getuid!();
let folder: string;
let path: string;
let victim: string;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "dmz-whole-"));
  path = join(folder, "result.json");
  victim = join(folder, "root-owns-this");
  fs.writeFileSync(victim, "secret");
  // As the root service does, which alone gives files away.
  jest.spyOn(process as { getuid: () => number }, "getuid").mockReturnValue(0);
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

test("a file appears whole, and belongs to the agent", () => {
  writeWhole(path, "text", OWNER);
  expect(fs.readFileSync(path, "utf8")).toBe("text");
  expect(fs.statSync(path).uid).toBe(OWNER);
  expect(fs.readdirSync(folder).sort()).toEqual(["result.json", "root-owns-this"]);
});

test("an agent that puts a link in the file's place at the worst moment is given nothing of root's", () => {
  const rename = fs.renameSync;
  jest.spyOn(fs, "renameSync").mockImplementation((from, to) => {
    rename(from, to);
    fs.rmSync(to);
    fs.symlinkSync(victim, to);
  });
  const before = fs.statSync(victim, { bigint: true });
  writeWhole(path, "text", OWNER);
  const after = fs.statSync(victim, { bigint: true });
  expect(fs.lstatSync(path).isSymbolicLink()).toBe(true);
  expect({ uid: after.uid, changed: after.ctimeNs }).toEqual({ uid: before.uid, changed: before.ctimeNs });
});
