import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A kernel image on the boot partition, `dmz_<version>[+<tries left>[-<tries done>]].efi`: the boot loader counts in the name. */
export interface KernelEntry {
  readonly file: string;
  readonly version: string;
  /** Attempts left while on trial. @default undefined: known to be good */
  readonly triesLeft?: number;
}

/** How often a new slot may fail to come up. */
export const TRIES = 3;

const NAME = /^dmz_([0-9.]+?)(?:\+(\d+)(?:-\d+)?)?\.efi$/;

/** The name under which the boot loader finds a kernel image (https://uapi-group.org/specifications/specs/boot_loader_specification/). */
export const kernelFile = (version: string, tries?: number): string =>
  `dmz_${version}${tries === undefined ? "" : `+${tries}`}.efi`;

export const parseKernelFile = (file: string): KernelEntry | undefined => {
  const [, version, tries] = NAME.exec(file) ?? [];
  if (version === undefined) return undefined;
  return { file, version, ...(tries !== undefined && { triesLeft: Number(tries) }) };
};

/** The boot partition's folder of kernel images. Each change is on the disk before the next. */
export class BootPartition {
  constructor(private readonly folder: string) {}

  entries(): KernelEntry[] {
    return readdirSync(this.folder)
      .map(parseKernelFile)
      .filter((entry) => entry !== undefined);
  }

  /** Puts a kernel image there, to be tried. It appears whole or not at all. */
  add(version: string, kernel: Buffer): void {
    const partial = join(this.folder, "new.tmp");
    const file = openSync(partial, "w", 0o600);
    try {
      for (let at = 0; at < kernel.length;) at += writeSync(file, kernel, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, join(this.folder, kernelFile(version, TRIES)));
    this.#sync();
  }

  /** Ends the trial. */
  confirm(entry: KernelEntry): void {
    renameSync(join(this.folder, entry.file), join(this.folder, kernelFile(entry.version)));
    this.#sync();
  }

  remove(file: string): void {
    rmSync(join(this.folder, file), { force: true });
    this.#sync();
  }

  #sync(): void {
    execFileSync("sync", ["-f", this.folder]);
  }
}

/** Lends the mounted boot partition. It is mounted for this alone: what is not mounted cannot be damaged by a power cut. */
export const withBootPartition = <Result>(device: string, use: (boot: BootPartition) => Result): Result => {
  const mount = "/run/dmz-esp";
  mkdirSync(mount, { recursive: true, mode: 0o700 });
  execFileSync("mount", ["-t", "vfat", "-o", "nodev,nosuid,noexec,umask=0077", device, mount]);
  try {
    return use(new BootPartition(join(mount, "EFI/Linux")));
  } finally {
    execFileSync("umount", [mount]);
  }
};
