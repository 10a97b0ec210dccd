import { readFile, writeFile } from "node:fs/promises";
import { addSections, machineOf } from "./add-sections";
import type { EdgeTarget } from "./edge-target";
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
 * as one, command line and root hash included.
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
  const sections = [
    { name: ".osrel", content: Buffer.from(osRelease) },
    { name: ".cmdline", content: Buffer.from(`${commandLine(root, target.consoles)}\0`) },
    { name: ".initrd", content: initrd! },
    // The last: a kernel that is started where it lies needs the room behind it.
    { name: ".linux", content: kernel! },
  ];
  await writeFile(into, addSections(stub!, sections));
}
