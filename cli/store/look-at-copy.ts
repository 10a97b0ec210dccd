import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FILES } from "../../broker/src/store/files";
import { takeCheckpoint } from "../../broker/src/store/take-checkpoint";
import { isDatabaseFile } from "./store-files";

/**
 * Looks at a copy of a store, since LevelDB writes to whatever it opens: a backup may be read-only and must stay as it is,
 * and a store may be in use. The copy lies among the system's temporary files, where links do not reach, and is removed.
 */
export async function lookAtCopy<Result>(folder: string, look: (copy: string) => Promise<Result>): Promise<Result> {
  const work = await mkdtemp(join(tmpdir(), "dmz-store-"));
  try {
    const copy = join(work, "copy");
    // Without it there is no moment to wait for, and what is missing is what the look will say.
    const names = await readdir(folder);
    if (names.includes("CURRENT"))
      await takeCheckpoint(folder, copy, { ...FILES, link: (from, to) => copyFile(from, to) });
    else await copyDatabase(folder, names, copy);
    return await look(copy);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What else lies in the folder is not the store's, and may be anything. */
async function copyDatabase(folder: string, names: readonly string[], copy: string): Promise<void> {
  await mkdir(copy);
  for (const name of names.filter(isDatabaseFile)) await copyFile(join(folder, name), join(copy, name));
}
