import { readFile, writeFile } from "node:fs/promises";
import { grubEnvironment } from "../../edge-image/slot/grub-environment";
import { addSections, machineOf } from "./add-sections";
import type { EdgeTarget } from "./edge-target";
import { kernelSections } from "./kernel-sections";
import type { VerityRoot } from "./make-root";

export interface MakeKernelOptions {
  readonly target: EdgeTarget;
  /** systemd's stub, which turns kernel, initrd and command line into one program for UEFI. */
  readonly stub: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly root: VerityRoot;
  /** Of the image: the boot loader starts the newest that is not known to fail. */
  readonly version: string;
  /** File to write. */
  readonly into: string;
}

/**
 * What GRUB needs of a kernel image, as an environment block at a place that is the same in every one: it can read neither
 * a program for UEFI nor a number out of a file. Bytes from the file's beginning (edge-image/bios/grub.cfg).
 */
export const GRUB_BLOCK = { at: 512 * 512, size: 4 * 512 } as const;

/** The kernel's command line: it names the root by the hash of all its blocks. */
export const commandLine = (
  { hash, uuid, hashOffset }: Pick<VerityRoot, "hash" | "uuid" | "hashOffset">,
  consoles: readonly string[],
): string =>
  [
    "root=/dev/mapper/dmz-root rootfstype=squashfs ro",
    `dmz.roothash=${hash} dmz.uuid=${uuid} dmz.hashoffset=${hashOffset}`,
    // /var is in memory: what must be remembered is on /data.
    "systemd.volatile=state",
    // A panic, also the initramfs's when no slot verifies, restarts the machine; nobody gets a shell.
    "panic=10 systemd.crash_reboot=1",
    ...consoles.map((console) => `console=${console}`),
    "quiet loglevel=4 systemd.show_status=error net.ifnames=0",
  ].join(" ");

/**
 * Makes the unified kernel image (https://uapi-group.org/specifications/specs/unified_kernel_image/): signed, or measured,
 * as one, command line and root hash included. GRUB, on machines without UEFI, takes its parts out of the same file.
 * @throws Error if stub or kernel are for another processor
 */
export async function makeKernel(options: MakeKernelOptions): Promise<void> {
  const { target, root, version, into } = options;
  const [stub, kernel, initrd] = await Promise.all(
    [options.stub, options.kernel, options.initrd].map((file) => readFile(file)),
  );
  for (const [file, content] of [
    [options.stub, stub!],
    [options.kernel, kernel!],
  ] as const)
    if (machineOf(content) !== target.machine) throw new Error(`${file}: must be a program for ${target.debian}`);
  const release = ["ID=dmz-edge", 'NAME="MQTT DMZ edge"', `PRETTY_NAME="MQTT DMZ edge ${version}"`];
  const osRelease = [...release, "IMAGE_ID=dmz-edge", `IMAGE_VERSION=${version}`, ""].join("\n");
  const line = commandLine(root, target.consoles);
  const sections = [
    { name: ".osrel", content: Buffer.from(osRelease) },
    { name: ".cmdline", content: Buffer.from(`${line}\0`) },
    // As long as the file before it may be: wherever it begins, the block's place is within.
    ...(target.hasBios ? [{ name: ".grub", content: Buffer.alloc(GRUB_BLOCK.at + GRUB_BLOCK.size, "\n") }] : []),
    { name: ".initrd", content: initrd! },
    // The last: a kernel that is started where it lies needs the room behind it.
    { name: ".linux", content: kernel! },
  ];
  const bytes = addSections(stub!, sections);
  if (target.hasBios) writeGrubBlock(bytes, line);
  await writeFile(into, bytes);
}

/** @throws Error if the block's place is not within its section, or kernel and initrd are not in whole sectors */
function writeGrubBlock(bytes: Buffer, options: string): void {
  const sections = kernelSections(bytes);
  const { start, size } = sections.get(".grub")!;
  if (start > GRUB_BLOCK.at || start + size < GRUB_BLOCK.at + GRUB_BLOCK.size)
    throw new Error(`systemd's stub is larger than the ${GRUB_BLOCK.at} bytes that the kernel image has for it`);
  const blocks = (name: string): string => {
    const section = sections.get(name)!;
    if (section.start % 512 !== 0) throw new Error(`${name} must begin with a sector of the kernel image`);
    return `${section.start / 512}+${Math.ceil(section.size / 512)}`;
  };
  const values = { dmz_linux: blocks(".linux"), dmz_initrd: blocks(".initrd"), dmz_options: options };
  grubEnvironment(values, GRUB_BLOCK.size).copy(bytes, GRUB_BLOCK.at);
}
