import { statfs, type FileHandle } from "node:fs/promises";

/** What statfs(2) calls ext2, ext3 and ext4. */
const EXT = 0xef53;

/** Asks whether a sync that has just succeeded is to be believed. @throws when it is not. */
export type SyncWitness = () => Promise<void>;

/**
 * ext4 gives up its journal at an error, and with it what was under way; a sync that waits in that very moment may find
 * its part neither waiting nor being written any more, and return without an error (docs/decisions/0026). Whatever needs
 * the journal fails from then on. So after the sync the file is cut to the length that it has: this asks for the journal,
 * changes nothing, and waits for no disk. Other file systems are not asked: over a network it would be a round trip.
 * @param file of the store, of `bytes` bytes, which nobody makes longer or shorter.
 */
export async function syncWitness(folder: string, file: FileHandle, bytes: number): Promise<SyncWitness> {
  const { type } = await statfs(folder);
  return type === EXT ? () => file.truncate(bytes) : () => Promise.resolve();
}
