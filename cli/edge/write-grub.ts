import { open, readFile } from "node:fs/promises";
import type { Partition } from "./disk-layout";

/** GRUB's two images, as Debian's grub-pc-bin and grub-mkimage give them. */
export interface GrubImages {
  /** The first sector. */
  readonly boot: string;
  /** Everything else, modules and script included. */
  readonly core: string;
}

const SECTOR = 512;

/** Where boot.img has code; a disk identifier and the partition table follow. */
const CODE_END = 0x1b8;

/** Places in boot.img, and in core.img's first sector (GRUB, include/grub/i386/pc/boot.h). */
const BOOT = { coreSector: 0x5c, driveCheck: 0x66 } as const;
const CORE = { restSector: 0x1f4, restLength: 0x1fc } as const;

const NOP = 0x90;

/**
 * Writes GRUB to a disk image: what grub-bios-setup does, which asks for a device and for a running system.
 * @param place the BIOS boot partition
 * @throws Error if the images are not GRUB's, or do not fit
 */
export async function writeGrub(disk: string, images: GrubImages, place: Partition): Promise<void> {
  const boot = await readFile(images.boot);
  const core = await readFile(images.core);
  if (boot.length !== SECTOR || boot.readUInt16LE(SECTOR - 2) !== 0xaa55)
    throw new Error(`${images.boot}: must be GRUB's boot.img`);
  const sectors = Math.ceil(core.length / SECTOR);
  if (core.readUInt16LE(CORE.restLength) !== sectors - 1)
    throw new Error(`${images.core}: must be GRUB's core.img, which knows its length`);
  if (core.length > place.size)
    throw new Error(`${images.core}: has ${core.length} bytes, its partition ${place.size}`);
  const sector = place.start / SECTOR;
  boot.writeBigUInt64LE(BigInt(sector), BOOT.coreSector);
  // Some firmware says another drive than the one that it started from: from here it can be a hard disk alone.
  boot.fill(NOP, BOOT.driveCheck, BOOT.driveCheck + 2);
  core.writeBigUInt64LE(BigInt(sector + 1), CORE.restSector);
  const file = await open(disk, "r+");
  try {
    await file.write(boot, 0, CODE_END, 0);
    await file.write(core, 0, core.length, place.start);
  } finally {
    await file.close();
  }
}
