import { createReadStream } from "node:fs";
import { open, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GRUB_ENVIRONMENT, kernelFile } from "../../edge-image/slot/boot-partition";
import { reproducibleTime } from "../image/reproducible-time";
import { runTool } from "../image/run-tool";
import { CommandError } from "../command-error";
import { grubEnvironment } from "../../edge-image/slot/grub-environment";
import { diskLayout, type Partition, partitionTable, SIZES } from "./disk-layout";
import { type GrubImages, writeGrub } from "./write-grub";

export interface MakeDiskOptions {
  /** Boot loader, and the name under which firmware starts it. */
  readonly loader: string;
  readonly bootFile: string;
  readonly root: string;
  readonly rootSize: number;
  readonly kernel: string;
  readonly version: string;
  /** For machines without UEFI. @default the disk starts by UEFI alone */
  readonly grub?: GrubImages | undefined;
  /** File system image of the data partition. */
  readonly data: string;
  readonly dataMib: number;
  /** File to write. */
  readonly into: string;
  readonly work: string;
}

/** Puts the disk together as a file: no loop device, nothing mounted, no privilege. What is zero stays a hole. */
export async function makeDisk(options: MakeDiskOptions): Promise<void> {
  const { root, rootSize, grub, data, dataMib, into, work } = options;
  if (rootSize > SIZES.slot)
    throw new CommandError(`the root file system has ${rootSize} bytes, a slot ${SIZES.slot}`, "make it smaller");
  const { size: kernelSize } = await stat(options.kernel);
  // While an update is on trial there are two; what FAT itself takes is below 2 MiB.
  if (2 * kernelSize > SIZES.esp - 2 * 1024 * 1024)
    throw new CommandError(
      `the kernel has ${kernelSize} bytes, and two of ${SIZES.esp} must hold it`,
      "make it smaller",
    );
  const { partitions, size } = diskLayout(dataMib);
  const place = (label: string): Partition => partitions.find((partition) => partition.label === label)!;
  const at = (label: string): number => place(label).start;
  const esp = join(work, "esp.img");
  await makeBootPartition(esp, options);
  await writeFile(into, "");
  await truncate(into, size);
  const table = join(work, "table");
  await writeFile(table, partitionTable(partitions));
  await runTool("sfdisk", ["--quiet", "--no-reread", "--no-tell-kernel", into], { input: table });
  if (grub) await writeGrub(into, grub, place("dmz-bios"));
  await writeInto(into, esp, at("dmz-esp"));
  await writeInto(into, root, at("dmz-slot-a"));
  await writeInto(into, data, at("dmz-data"));
}

async function makeBootPartition(into: string, options: MakeDiskOptions): Promise<void> {
  const { kernel, version, work, loader, bootFile } = options;
  const time = reproducibleTime();
  await writeFile(into, "");
  await truncate(into, SIZES.esp);
  // No editor: nobody changes a command line. The menu shows only while a key is held; this version of systemd-boot (252)
  // cannot be told to have none. What it offers is the versions that are there.
  const settings = join(work, "loader.conf");
  await writeFile(settings, "timeout 0\neditor no\nauto-entries no\nauto-firmware no\n");
  const counts = join(work, "grubenv");
  await writeFile(counts, grubEnvironment({}));
  for (const file of [settings, counts, kernel, loader]) await utimes(file, time, time);
  const env = { SOURCE_DATE_EPOCH: String(time), TZ: "UTC", MTOOLS_SKIP_CHECK: "1" };
  await runTool("mformat", ["-i", into, "-F", "-N", "dd2a0001", "-v", "DMZ", "::"], { env });
  await runTool("mmd", ["-i", into, "::/EFI", "::/EFI/BOOT", "::/EFI/Linux", "::/loader", "::/grub"], { env });
  const copy = (from: string, to: string) => runTool("mcopy", ["-m", "-i", into, from, `::${to}`], { env });
  await copy(loader, `/EFI/BOOT/${bootFile}`);
  await copy(settings, "/loader/loader.conf");
  if (options.grub) await copy(counts, `/${GRUB_ENVIRONMENT}`);
  await copy(kernel, `/EFI/Linux/${kernelFile(version)}`);
}

const CHUNK = 1024 * 1024;
const ZEROS = Buffer.alloc(CHUNK);

/** Copies a file into another at an offset, leaving holes where it is zero. */
export async function writeInto(target: string, source: string, offset: number): Promise<void> {
  const disk = await open(target, "r+");
  try {
    let at = offset;
    for await (const chunk of createReadStream(source, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
      if (!chunk.equals(ZEROS.subarray(0, chunk.length))) await disk.write(chunk, 0, chunk.length, at);
      at += chunk.length;
    }
  } finally {
    await disk.close();
  }
}
