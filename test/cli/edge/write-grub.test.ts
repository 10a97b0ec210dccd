import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskLayout } from "../../../cli/edge/disk-layout";
import { writeGrub } from "../../../cli/edge/write-grub";

const place = diskLayout().partitions.find(({ label }) => label === "dmz-bios")!;
let folder: string;
let disk: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dmz-grub-"));
  disk = join(folder, "disk");
  writeFileSync(disk, Buffer.alloc(1024 * 1024 + 512, 0xdd));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Images as grub-mkimage gives them, with letters for code. */
const images = (sectors: number, { signature = 0xaa55, told = sectors - 1 } = {}) => {
  const boot = Buffer.alloc(512, "b");
  boot.writeUInt16LE(signature, 510);
  const core = Buffer.alloc(sectors * 512 - 5, "c");
  core.writeUInt16LE(told, 0x1fc);
  const paths = { boot: join(folder, "boot.img"), core: join(folder, "core.img") };
  writeFileSync(paths.boot, boot);
  writeFileSync(paths.core, core);
  return paths;
};

test("the first sector knows where GRUB lies, and keeps the partition table; GRUB knows where its rest lies", async () => {
  await writeGrub(disk, images(3), place);
  const bytes = readFileSync(disk);
  expect(bytes.readBigUInt64LE(0x5c)).toBe(BigInt(place.start / 512));
  expect([...bytes.subarray(0x66, 0x68)]).toEqual([0x90, 0x90]);
  expect(bytes.subarray(0x1b8, place.start).every((byte) => byte === 0xdd)).toBe(true);
  expect(bytes.readBigUInt64LE(place.start + 0x1f4)).toBe(BigInt(place.start / 512 + 1));
  expect(bytes.toString("latin1", place.start + 512, place.start + 3 * 512 - 5)).toMatch(/^c+$/);
  expect(bytes.subarray(place.start + 3 * 512).every((byte) => byte === 0xdd)).toBe(true);
});

test.each([
  ["a first sector that is none", () => images(3, { signature: 0 }), /must be GRUB's boot.img/],
  ["a core that was cut off", () => images(3, { told: 7 }), /knows its length/],
  ["a core that would run into the boot partition", () => images(place.size / 512 + 1), /its partition/],
])("%s is refused, and the disk stays as it was", async (_, make, rule) => {
  await expect(writeGrub(disk, make(), place)).rejects.toThrow(rule);
  expect(readFileSync(disk).every((byte) => byte === 0xdd)).toBe(true);
});
