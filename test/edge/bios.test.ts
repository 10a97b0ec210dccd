import { beforeAll, expect, test } from "@jest/globals";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { buildBase, type EdgeBase } from "../../cli/edge/build-base";
import { diskLayout } from "../../cli/edge/disk-layout";
import { kernelSections } from "../../cli/edge/kernel-sections";
import { GRUB_BLOCK } from "../../cli/edge/make-kernel";
import { runTool } from "../../cli/image/run-tool";
import { parseGrubEnvironment } from "../../edge-image/slot/grub-environment";
import { mtools } from "../edge-vm/mtools";
import { CACHE, testImage } from "./test-image";

let disk: string;
let base: EdgeBase;
const { partitions } = diskLayout();
const start = (label: string): number => partitions.find((partition) => partition.label === label)!.start;
const bytesAt = (at: number, length: number): Buffer => {
  const file = openSync(disk, "r");
  try {
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, at);
    return bytes;
  } finally {
    closeSync(file);
  }
};
const onBootPartition = (path: string): Buffer => mtools(disk, "mcopy", `::${path}`, "-");

beforeAll(async () => {
  const { folder, files } = await testImage();
  disk = join(folder, files.disk);
  base = await buildBase({ architecture: "x86_64", cache: CACHE, unpinned: true });
});

test("sfdisk finds no fault with the table, and five partitions, one of them for GRUB", async () => {
  expect((await runTool("sfdisk", ["--verify", disk])).toString()).toContain("No errors detected.");
  const { partitiontable } = JSON.parse((await runTool("sfdisk", ["--json", disk])).toString()) as {
    partitiontable: { partitions: { name: string; type: string; start: number }[] };
  };
  expect(partitiontable.partitions.map(({ name, start }) => [name, start * 512])).toEqual(
    partitions.map(({ label, start }) => [label, start]),
  );
  expect(partitiontable.partitions.at(-1)).toMatchObject({ type: "21686148-6449-6E6F-744E-656564454649" });
});

test("the first sector is GRUB's, and what it starts is GRUB as the base has it, but for where it lies", () => {
  const boot = readFileSync(base.grub!.boot);
  const core = readFileSync(base.grub!.core);
  const sector = start("dmz-bios") / 512;
  const differences = (wanted: Buffer, got: Buffer): number[] =>
    [...wanted.keys()].filter((index) => wanted[index] !== got[index]);
  const first = bytesAt(0, 512);
  expect(first.readBigUInt64LE(0x5c)).toBe(BigInt(sector));
  expect(
    differences(boot.subarray(0, 0x1b8), first).every((at) => (at >= 0x5c && at < 0x64) || at === 0x66 || at === 0x67),
  ).toBe(true);
  const written = bytesAt(start("dmz-bios"), core.length);
  expect(written.readBigUInt64LE(0x1f4)).toBe(BigInt(sector + 1));
  expect(differences(core, written).every((at) => at >= 0x1f4 && at < 0x1fc)).toBe(true);
});

test("a protective entry alone is in the first sector's own table: nothing but GPT says where anything is", () => {
  const table = bytesAt(0x1be, 66);
  expect(table[4]).toBe(0xee);
  expect(table.subarray(16, 64).every((byte) => byte === 0)).toBe(true);
  expect(table.readUInt16LE(64)).toBe(0xaa55);
});

test("GRUB finds kernel, initrd and command line in the very file that systemd-boot starts", () => {
  const program = onBootPartition("/EFI/Linux/dmz_1.0.0.efi");
  const { dmz_linux, dmz_initrd, dmz_options } = parseGrubEnvironment(
    program.subarray(GRUB_BLOCK.at, GRUB_BLOCK.at + GRUB_BLOCK.size),
  )!;
  const blocks = (list: string | undefined): Buffer => {
    const [first, count] = list!.split("+").map(Number);
    return program.subarray(first! * 512, (first! + count!) * 512);
  };
  const filledUp = (file: string, got: Buffer): void => {
    const wanted = readFileSync(file);
    expect(got.subarray(0, wanted.length).equals(wanted)).toBe(true);
    expect(got.subarray(wanted.length).every((byte) => byte === 0)).toBe(true);
    expect(got.length - wanted.length).toBeLessThan(512);
  };
  filledUp(base.kernel, blocks(dmz_linux));
  filledUp(base.initrd, blocks(dmz_initrd));
  const section = kernelSections(program).get(".cmdline")!;
  const text = program.toString("latin1", section.start, section.start + section.size).replace(/\0+$/, "");
  expect(dmz_options).toBe(text);
  expect(dmz_options).toMatch(/dmz\.roothash=[0-9a-f]{64} /);
});

test("GRUB has a place to count in, and nothing counted", () => {
  const block = onBootPartition("/grub/grubenv");
  expect(block).toHaveLength(1024);
  expect(parseGrubEnvironment(block)).toEqual({});
});
