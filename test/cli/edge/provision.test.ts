import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { runDmz } from "../run-dmz";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dmz-provision-"));
  writeFileSync(join(folder, "notes.txt"), "no disk");
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ["that is not there", "nofile", "nofile: there is no such file"],
  ["that is a folder", ".", ".: is no file"],
  ["that is no disk", "notes.txt", "notes.txt: this is no disk image of ours"],
])("an image %s is a wrong command line, said before the bundle is looked at", async (_, image, reason) => {
  const { code, stderr } = await runDmz(["image", "edge", "provision", image, "nobundle"], { cwd: folder });
  expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
  expect(stderr).not.toContain("nobundle");
  expect(readdirSync(folder)).toEqual(["notes.txt"]);
});
