import { createHash, type Hash } from "node:crypto";
import { open } from "node:fs/promises";

/** Bytes of a block of a snapshot: the EBS direct APIs know no other size. */
export const BLOCK_BYTES = 512 * 1024;

/** A block that is not all zero: what no block says, a snapshot reads as zero. */
export interface SnapshotBlock {
  readonly index: number;
  /** `BLOCK_BYTES` long; the file's last one is filled up with zeros. */
  readonly bytes: Buffer;
  readonly sha256: Buffer;
}

/**
 * The blocks of a raw disk image in order, without those that are all zero.
 * @param whole takes every byte of the file, in order
 */
export async function* snapshotBlocks(path: string, whole: Hash): AsyncGenerator<SnapshotBlock> {
  const file = await open(path, "r");
  try {
    for (let index = 0; ; index++) {
      const bytes = Buffer.alloc(BLOCK_BYTES);
      let filled = 0;
      while (filled < BLOCK_BYTES) {
        const { bytesRead } = await file.read(bytes, filled, BLOCK_BYTES - filled, index * BLOCK_BYTES + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      if (filled === 0) return;
      whole.update(bytes.subarray(0, filled));
      if (bytes.some((byte) => byte !== 0)) yield { index, bytes, sha256: createHash("sha256").update(bytes).digest() };
      if (filled < BLOCK_BYTES) return;
    }
  } finally {
    await file.close();
  }
}
