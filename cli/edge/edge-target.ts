import { join } from "node:path";
import type { Architecture } from "../../policy/architecture";
import type { Platform } from "../image/platform";
import { EDGE_FOLDER } from "./edge-folder";

/** What differs between the processors that a device image is built for. */
export interface EdgeTarget {
  /** Debian's name for it. */
  readonly debian: "amd64" | "arm64";
  /** Of Node's binary. */
  readonly platform: Platform;
  /** Debian's package of the kernel. */
  readonly kernelPackage: string;
  /** Where firmware looks for a boot loader on a disk that it does not know (UEFI specification, section 3.5.1.1). */
  readonly bootFile: string;
  /** Whether there are machines that start by BIOS, and not by UEFI. */
  readonly hasBios: boolean;
  /** `Machine` in the header of a program for it (Microsoft PE format, "Machine Types"). */
  readonly machine: number;
  /** Consoles; the last is where services write. */
  readonly consoles: readonly string[];
}

export const EDGE_TARGETS: Readonly<Record<Architecture, EdgeTarget>> = {
  x86_64: {
    debian: "amd64",
    platform: "linux/amd64",
    kernelPackage: "linux-image-amd64",
    bootFile: "BOOTX64.EFI",
    hasBios: true,
    machine: 0x8664,
    consoles: ["tty0", "ttyS0"],
  },
  arm64: {
    debian: "arm64",
    platform: "linux/arm64",
    kernelPackage: "linux-image-arm64",
    bootFile: "BOOTAA64.EFI",
    hasBios: false,
    machine: 0xaa64,
    // ttyS0 is what EC2 shows, ttyAMA0 what most boards and virtual machines have.
    consoles: ["tty0", "ttyS0", "ttyAMA0"],
  },
};

/** Where the pins of an architecture's packages are kept in git. */
export const pinsFile = (architecture: Architecture): string =>
  join(EDGE_FOLDER, `packages.${EDGE_TARGETS[architecture].debian}.json`);
