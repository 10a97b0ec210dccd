import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterBoot } from "../../../edge-image/slot/after-boot";
import { BootPartition, parseKernelFile } from "../../../edge-image/slot/boot-partition";
import { grubEnvironment, parseGrubEnvironment } from "../../../edge-image/slot/grub-environment";
import type { EdgeImage } from "../../../policy/edge-device";

const image = { site: "plant", deviceClass: "gateway", imageVersion: "1.10.0" } as EdgeImage;
let mount: string;
let folder: string;
let said: unknown[];
beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), "dmz-boot-"));
  folder = join(mount, "EFI/Linux");
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(mount, "grub"));
  said = [];
});
afterEach(() => rmSync(mount, { recursive: true }));

const boot = (connects: boolean): Promise<void> =>
  afterBoot({
    image,
    slot: "b",
    boot: (use) => use(new BootPartition(mount)),
    connected: async () => connects,
    health: ({ state }) => said.push(state),
    result: (result) => said.push(result),
    restart: () => said.push("restart"),
  });
const counts = (): string => join(mount, "grub/grubenv");
const kernels = (...names: readonly string[]): void => names.forEach((name) => writeFileSync(join(folder, name), ""));

test("a slot on trial is kept once its agent is connected", async () => {
  kernels("dmz_1.9.0.efi", "dmz_1.10.0+2-1.efi");
  await boot(true);
  expect(readdirSync(folder).sort()).toEqual(["dmz_1.10.0.efi", "dmz_1.9.0.efi"]);
  expect(said).toEqual(["trying", "good", { version: "1.10.0", outcome: "confirmed" }]);
});

test("a slot on trial whose agent does not connect is left again, and stays on trial", async () => {
  kernels("dmz_1.9.0.efi", "dmz_1.10.0+2-1.efi");
  await boot(false);
  expect(readdirSync(folder)).toContain("dmz_1.10.0+2-1.efi");
  expect(said).toEqual(["trying", "restart"]);
});

test("what was fallen back to says so, and removes what failed", async () => {
  kernels("dmz_1.10.0.efi", "dmz_1.11.0+0-3.efi");
  await boot(false);
  expect(readdirSync(folder)).toEqual(["dmz_1.10.0.efi"]);
  expect(said).toEqual(["good", expect.objectContaining({ version: "1.11.0", outcome: "fell-back" })]);
});

test("what failed without UEFI, where the loader counts in its own file, is told and removed, too", async () => {
  kernels("dmz_1.10.0.efi", "dmz_1.11.0+3.efi");
  writeFileSync(counts(), grubEnvironment({ dmz_trial: "1.11.0", dmz_left: "0" }));
  await boot(false);
  expect(readdirSync(folder)).toEqual(["dmz_1.10.0.efi"]);
  expect(said).toEqual(["good", expect.objectContaining({ version: "1.11.0", outcome: "fell-back" })]);
});

test.each([
  ["of another version", grubEnvironment({ dmz_trial: "1.10.9", dmz_left: "0" })],
  ["with attempts left", grubEnvironment({ dmz_trial: "1.11.0", dmz_left: "1" })],
  ["that is none", grubEnvironment({ dmz_trial: "1.11.0", dmz_left: "" })],
])("a count %s takes nothing away", async (_, count) => {
  kernels("dmz_1.10.0.efi", "dmz_1.11.0+3.efi");
  writeFileSync(counts(), count);
  await boot(false);
  expect(readdirSync(folder)).toContain("dmz_1.11.0+3.efi");
  expect(said).toEqual(["good"]);
});

test("counts that a power cut made unreadable are made anew, so that what waits is tried", async () => {
  kernels("dmz_1.10.0.efi", "dmz_1.11.0+3.efi");
  writeFileSync(counts(), Buffer.alloc(1024, 0xff));
  await boot(false);
  expect(parseGrubEnvironment(readFileSync(counts()))).toEqual({});
  expect(readFileSync(counts())).toHaveLength(1024);
});

test("an update that was written while this looked is not taken for one that failed", async () => {
  kernels("dmz_1.10.0.efi", "dmz_1.11.0+3.efi");
  await boot(false);
  expect(readdirSync(folder).sort()).toEqual(["dmz_1.10.0.efi", "dmz_1.11.0+3.efi"]);
  expect(said).toEqual(["good"]);
});

test("a good slot says nothing but that, and never waits for the broker", async () => {
  kernels("dmz_1.10.0.efi", "dmz_1.9.0.efi");
  await boot(false);
  expect(said).toEqual(["good"]);
});

test.each([
  ["dmz_1.2.3.efi", { version: "1.2.3" }],
  ["dmz_1.2.3+3.efi", { version: "1.2.3", triesLeft: 3 }],
  ["dmz_1.2.3+0-3.efi", { version: "1.2.3", triesLeft: 0 }],
  ["other.efi", undefined],
  ["dmz_1.2.3.efi.tmp", undefined],
])("the boot loader's count in %s is read", (file, entry) => {
  expect(parseKernelFile(file)).toEqual(entry && { file, ...entry });
});
