import { randomUUID } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { copyCheckpoint, StillMoving } from "./copy-checkpoint";
import { FILES, type Files } from "./files";
import { folderName } from "./folder-name";
import { syncPath } from "./sync-path";

/** A compaction is over in less: the source stands still for a moment, which is all that is needed. */
const ATTEMPTS = 200;
const RETRY_MS = 10;

/**
 * Makes a checkpoint of a LevelDB folder that may be written on meanwhile: built aside, synced, and given its name when it
 * is whole. After a crash at any moment the name is there and the checkpoint is whole, or there is a leftover that
 * `isBuilding` knows.
 * @param to must not exist yet, on the same file system as `from`.
 * @throws StillMoving when the source never stands still.
 */
export async function takeCheckpoint(from: string, to: string, files: Files = FILES): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const aside = join(dirname(to), folderName.building(basename(to), randomUUID()));
    await files.mkdir(aside, { mode: 0o700 });
    try {
      await copyCheckpoint(from, aside, files);
      await files.rename(aside, to);
    } catch (error) {
      await files.rm(aside, { recursive: true, force: true });
      if (!(error instanceof StillMoving) || attempt === ATTEMPTS) throw error;
      await sleep(RETRY_MS);
      continue;
    }
    await syncPath(dirname(to), files);
    return;
  }
}
