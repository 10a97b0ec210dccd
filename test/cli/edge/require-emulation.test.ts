import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { requireEmulation } from "../../../cli/edge/require-emulation";
import type { Architecture } from "../../../policy/architecture";
import { findTool } from "../../e2e/find-tool";

/** What the script calls besides what a test is about. */
const PLAIN = ["sh", "grep", "id", "mktemp", "mkfifo", "rm"];

let folder: string;
const path = process.env["PATH"];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-emulation-"));
  for (const tool of PLAIN) await symlink(findTool(tool, tool), join(folder, tool));
  process.env["PATH"] = folder;
});
afterEach(async () => {
  process.env["PATH"] = path;
  await rm(folder, { recursive: true });
});

const program = async (name: string, script: string): Promise<void> => {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
};
const words = (what: Promise<void>): Promise<string> =>
  what.then(
    () => "nothing",
    (error: Error) => error.message,
  );

test("nothing is needed on a machine with the device's own processor", async () => {
  await expect(requireEmulation("x86_64", "x64")).resolves.toBeUndefined();
  await expect(requireEmulation("arm64", "arm64")).resolves.toBeUndefined();
});

test.each<[Architecture, machine: string, tool: string]>([
  ["arm64", "x64", "qemu-aarch64-static"],
  ["x86_64", "arm64", "qemu-x86_64-static"],
])("without QEMU for %s its package is named", async (architecture, machine, tool) => {
  const said = await words(requireEmulation(architecture, machine));
  expect(said).toContain(`'${tool}' is not installed`);
  expect(said).toContain("apt-get install qemu-user-static");
});

test("a machine that lets nobody make a namespace says so, and what would do", async () => {
  await program("qemu-aarch64-static", "exit 0");
  await program("unshare", 'echo "unshare: Operation not permitted" >&2; exit 1');
  const said = await words(requireEmulation("arm64", "x64"));
  expect(said).toMatch(/programs for arm64: unshare: Operation not permitted/);
  expect(said).toMatch(/Linux 6\.7 or newer \(this is .+\).*or on a machine for arm64/);
});
