import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type EdgeImage, UPDATE_FILES } from "../../policy/edge-device";
import { UpdateRefused } from "../update/update-refused";
import { verifyManifest } from "../update/verify-manifest";
import type { BootPartition } from "./boot-partition";
import { openPlain } from "./open-plain";
import { readSigned } from "./read-signed";
import { BLOCK, readSlotHeader, slotLayout } from "./slot-image";

export interface InstallProps {
  readonly image: EdgeImage;
  /** Folder with `update.json` and `image`. It belongs to the agent: nothing in it is trusted, nor followed if a link. */
  readonly ready: string;
  /** Block device (or file) of the idle slot. */
  readonly slot: string;
  readonly boot: BootPartition;
}

/** Largest kernel image that is read into memory, bytes. */
const LARGEST_KERNEL = 96 * 1024 * 1024;
const CHUNK = 1024 * 1024;

/**
 * Writes an update to the idle slot, and then, as the one step that counts, its kernel to the boot partition. Cut off
 * anywhere before that, the device starts as it did. The bytes are hashed before anything is touched, and again as they are
 * written: nobody can exchange the file between the check and the use.
 * @returns the version that will be tried at the next start
 * @throws UpdateRefused
 */
export const installUpdate = ({ image, ready, slot, boot }: InstallProps): string => {
  if (boot.entries().some(({ version, triesLeft }) => version === image.imageVersion && triesLeft !== undefined))
    throw new UpdateRefused(`the running version ${image.imageVersion} is on trial: what it would fall back to stays`);
  const manifest = verifyManifest(readSigned(join(ready, UPDATE_FILES.update)), image);
  const source = openPlain(join(ready, UPDATE_FILES.image));
  try {
    const { size } = fstatSync(source);
    if (size !== manifest.size) throw new UpdateRefused(`the image must have ${manifest.size} bytes, got ${size}`);
    mustHash(source, size, manifest.sha256);
    const hash = createHash("sha256");
    const header = Buffer.alloc(BLOCK);
    readSync(source, header, 0, BLOCK, 0);
    hash.update(header);
    const parts = readHeader(header, size);
    if (parts.kernel > LARGEST_KERNEL) throw new UpdateRefused(`the kernel must be below ${LARGEST_KERNEL} bytes`);
    const layout = slotLayout(parts);

    mustHold(slot, parts.root);
    const kernel = Buffer.alloc(layout.root - layout.kernel);
    readSync(source, kernel, 0, kernel.length, layout.kernel);
    hash.update(kernel);
    // Room for the new one: only what runs is kept. What was installed and never became good goes, too.
    for (const { file, version } of boot.entries()) if (version !== image.imageVersion) boot.remove(file);

    const target = openSync(slot, constants.O_RDWR);
    try {
      const chunk = Buffer.alloc(CHUNK);
      for (let at = layout.root; at < size;) {
        const read = readSync(source, chunk, 0, Math.min(CHUNK, size - at), at);
        if (read === 0) throw new UpdateRefused("the image became shorter while it was read");
        hash.update(chunk.subarray(0, read));
        for (let done = 0; done < read;) done += writeSync(target, chunk, done, read - done, at - layout.root + done);
        at += read;
      }
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
    const sha256 = hash.digest("hex");
    if (sha256 !== manifest.sha256)
      throw new UpdateRefused(`the image's SHA-256 must be ${manifest.sha256}, got ${sha256}`);
    boot.add(manifest.version, kernel.subarray(0, parts.kernel));
    return manifest.version;
  } finally {
    closeSync(source);
  }
};

/** @throws UpdateRefused unless the file's bytes are those that were signed */
const mustHash = (source: number, size: number, wanted: string): void => {
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(CHUNK);
  for (let at = 0; at < size;) {
    const read = readSync(source, chunk, 0, Math.min(CHUNK, size - at), at);
    if (read === 0) throw new UpdateRefused("the image became shorter while it was read");
    hash.update(chunk.subarray(0, read));
    at += read;
  }
  const sha256 = hash.digest("hex");
  if (sha256 !== wanted) throw new UpdateRefused(`the image's SHA-256 must be ${wanted}, got ${sha256}`);
};

/** @throws UpdateRefused unless the slot's last byte that is needed is there: a device has no size but by trying */
const mustHold = (slot: string, bytes: number): void => {
  const file = openSync(slot, constants.O_RDONLY);
  try {
    if (readSync(file, Buffer.alloc(1), 0, 1, bytes - 1) === 1) return;
  } finally {
    closeSync(file);
  }
  throw new UpdateRefused(`the slot has fewer than the ${bytes} bytes of the new root`);
};

const readHeader = (header: Buffer, size: number) => {
  try {
    return readSlotHeader(header, size);
  } catch (error) {
    throw new UpdateRefused(error instanceof Error ? error.message : String(error));
  }
};
