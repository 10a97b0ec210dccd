import { readFile, writeFile } from "node:fs/promises";
import { grubEnvironment } from "../../edge-image/slot/grub-environment";
import { reproducibleTime } from "../image/reproducible-time";
import { runTool } from "../image/run-tool";
import { CommandError } from "../command-error";
import { kernelSections } from "./kernel-sections";
import type { VerityRoot } from "./make-root";

export interface MakeKernelOptions {
  readonly kernel: string;
  readonly initrd: string;
  readonly root: VerityRoot;
  /** Of the image: the boot loader starts the newest that is not known to fail. */
  readonly version: string;
  /** File to write. */
  readonly into: string;
  readonly work: string;
}

/** systemd's stub, which turns kernel, initrd and command line into one program for UEFI. */
export const EFI_STUB = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";

/**
 * What GRUB needs of a kernel image, as an environment block at a place that is the same in every one: it can read neither
 * a program for UEFI nor a number out of a file. Bytes from the file's beginning (edge-image/bios/grub.cfg).
 */
export const GRUB_BLOCK = { at: 512 * 512, size: 4 * 512 } as const;

/** The kernel's command line: it names the root by the hash of all its blocks. */
export const commandLine = ({ hash, uuid, hashOffset }: Pick<VerityRoot, "hash" | "uuid" | "hashOffset">): string =>
  [
    "root=/dev/mapper/dmz-root rootfstype=squashfs ro",
    `dmz.roothash=${hash} dmz.uuid=${uuid} dmz.hashoffset=${hashOffset}`,
    // /var is in memory: what must be remembered is on /data.
    "systemd.volatile=state",
    // A panic, also the initramfs's when no slot verifies, restarts the machine; nobody gets a shell.
    "panic=10 systemd.crash_reboot=1",
    "console=tty0 console=ttyS0 quiet loglevel=4 systemd.show_status=error net.ifnames=0",
  ].join(" ");

/**
 * Makes the unified kernel image (https://uapi-group.org/specifications/specs/unified_kernel_image/): signed, or measured,
 * as one, command line and root hash included. GRUB, on machines without UEFI, takes its parts out of the same file.
 */
export async function makeKernel({ kernel, initrd, root, version, into, work }: MakeKernelOptions): Promise<void> {
  const release = ["ID=dmz-edge", 'NAME="MQTT DMZ edge"', `PRETTY_NAME="MQTT DMZ edge ${version}"`];
  const sections = [
    { name: ".osrel", at: 0x20000, text: [...release, "IMAGE_ID=dmz-edge", `IMAGE_VERSION=${version}`, ""].join("\n") },
    { name: ".cmdline", at: 0x30000, text: `${commandLine(root)}\0` },
    // As long as the file before it may be: wherever objcopy puts it, the block's place is within.
    { name: ".grub", at: 0x40000, text: "\n".repeat(GRUB_BLOCK.at + GRUB_BLOCK.size) },
    { name: ".linux", at: 0x2000000, file: kernel },
    { name: ".initrd", at: 0x4000000, file: initrd },
  ];
  const args: string[] = [];
  for (const { name, at, text, file } of sections) {
    const path = file ?? `${work}/section${name}`;
    if (text !== undefined) await writeFile(path, text);
    args.push("--add-section", `${name}=${path}`, "--change-section-vma", `${name}=0x${at.toString(16)}`);
  }
  await readFile(EFI_STUB).catch(() => {
    throw new CommandError(`${EFI_STUB} is missing`, "on Debian and Ubuntu: apt-get install systemd-boot-efi");
  });
  await runTool("objcopy", [...args, EFI_STUB, into]);
  const bytes = await readFile(into);
  fixTime(bytes);
  writeGrubBlock(bytes, commandLine(root));
  await writeFile(into, bytes);
}

/** @throws Error if the block's place is not within its section, or kernel and initrd are not in whole sectors */
function writeGrubBlock(bytes: Buffer, options: string): void {
  const sections = kernelSections(bytes);
  const { start, size } = sections.get(".grub")!;
  if (start > GRUB_BLOCK.at || start + size < GRUB_BLOCK.at + GRUB_BLOCK.size)
    throw new Error(`${EFI_STUB} is larger than the ${GRUB_BLOCK.at} bytes that the kernel image has for it`);
  const blocks = (name: string): string => {
    const section = sections.get(name)!;
    if (section.start % 512 !== 0) throw new Error(`${name} must begin with a sector of the kernel image`);
    return `${section.start / 512}+${Math.ceil(section.size / 512)}`;
  };
  const values = { dmz_linux: blocks(".linux"), dmz_initrd: blocks(".initrd"), dmz_options: options };
  grubEnvironment(values, GRUB_BLOCK.size).copy(bytes, GRUB_BLOCK.at);
}

/** objcopy stamps the header with the clock, whatever SOURCE_DATE_EPOCH says (Microsoft PE format, "COFF File Header"). */
function fixTime(bytes: Buffer): void {
  const header = bytes.readUInt32LE(0x3c);
  bytes.writeUInt32LE(reproducibleTime(), header + 8);
  // The checksum covers the time; UEFI does not look at it.
  bytes.writeUInt32LE(0, header + 24 + 64);
}
