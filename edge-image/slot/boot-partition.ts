import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { grubEnvironment, parseGrubEnvironment } from "./grub-environment";

/** A kernel image on the boot partition, `dmz_<version>[+<tries left>[-<tries done>]].efi`: by UEFI the boot loader counts in the name. */
export interface KernelEntry {
  readonly file: string;
  readonly version: string;
  /** Attempts left while on trial. @default undefined: known to be good */
  readonly triesLeft?: number;
}

/** Below the boot partition: where the loader of machines without UEFI, which cannot rename, counts (edge-image/bios/grub.cfg). */
export const GRUB_ENVIRONMENT = "grub/grubenv";

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

/** The boot partition: its kernel images and the attempts that these have left. Each change is on the disk before the next. */
export class BootPartition {
  readonly #folder: string;
  readonly #counts: string;

  /** @param mount where the partition is mounted */
  constructor(mount: string) {
    this.#folder = join(mount, "EFI/Linux");
    this.#counts = join(mount, GRUB_ENVIRONMENT);
  }

  /** Both loaders' counts hold: a disk may have been moved between machines. */
  entries(): KernelEntry[] {
    const { dmz_trial: trial, dmz_left: left = "" } = this.#readCounts() ?? {};
    return readdirSync(this.#folder)
      .map(parseKernelFile)
      .filter((entry) => entry !== undefined)
      .map((entry) =>
        entry.triesLeft !== undefined && entry.version === trial && /^\d+$/.test(left)
          ? { ...entry, triesLeft: Math.min(entry.triesLeft, Number(left)) }
          : entry,
      );
  }

  /** Puts a kernel image there, to be tried. It appears whole or not at all. */
  add(version: string, kernel: Buffer): void {
    const partial = join(this.#folder, "new.tmp");
    writeSynced(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, kernel);
    // The same version may have failed before.
    this.#clearCounts();
    renameSync(partial, join(this.#folder, kernelFile(version, TRIES)));
    this.#sync();
  }

  /** Ends the trial. */
  confirm(entry: KernelEntry): void {
    renameSync(join(this.#folder, entry.file), join(this.#folder, kernelFile(entry.version)));
    this.#sync();
  }

  remove(file: string): void {
    rmSync(join(this.#folder, file), { force: true });
    this.#sync();
  }

  /** Makes the counts readable again if the power was cut while one was written: without them nothing new is tried. */
  mendCounts(): void {
    if (this.#readCounts() === undefined) this.#clearCounts();
  }

  #readCounts(): Readonly<Record<string, string>> | undefined {
    try {
      return parseGrubEnvironment(readFileSync(this.#counts));
    } catch {
      return undefined;
    }
  }

  /** In its place: GRUB looks the file up at each start, and writes only where it is. */
  #clearCounts(): void {
    mkdirSync(dirname(this.#counts), { recursive: true });
    writeSynced(this.#counts, constants.O_WRONLY | constants.O_CREAT, grubEnvironment({}));
    this.#sync();
  }

  #sync(): void {
    execFileSync("sync", ["-f", this.#folder]);
  }
}

function writeSynced(path: string, flags: number, content: Buffer): void {
  const file = openSync(path, flags, 0o600);
  try {
    for (let at = 0; at < content.length;) at += writeSync(file, content, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Lends the mounted boot partition. It is mounted for this alone: what is not mounted cannot be damaged by a power cut. */
export const withBootPartition = <Result>(device: string, use: (boot: BootPartition) => Result): Result => {
  const mount = "/run/dmz-esp";
  mkdirSync(mount, { recursive: true, mode: 0o700 });
  execFileSync("mount", ["-t", "vfat", "-o", "nodev,nosuid,noexec,umask=0077", device, mount]);
  try {
    return use(new BootPartition(mount));
  } finally {
    execFileSync("umount", [mount]);
  }
};
