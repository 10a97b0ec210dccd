import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterBoot } from "../../../edge-image/slot/after-boot";
import { BootPartition, parseKernelFile } from "../../../edge-image/slot/boot-partition";
import type { EdgeImage } from "../../../policy/edge-device";

const image = { site: "plant", deviceClass: "gateway", imageVersion: "1.10.0" } as EdgeImage;
let folder: string;
let said: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dmz-boot-"));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const boot = (connects: boolean): Promise<void> =>
  afterBoot({
    image,
    slot: "b",
    boot: (use) => use(new BootPartition(folder)),
    connected: async () => connects,
    health: ({ state }) => said.push(state),
    result: (result) => said.push(result),
    restart: () => said.push("restart"),
  });
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
