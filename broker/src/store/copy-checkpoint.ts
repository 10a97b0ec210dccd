import { join } from "node:path";
import { LAST_COMMIT_FILE } from "../persistence/last-commit-file";
import { FILES, type Files } from "./files";
import { syncPath } from "./sync-path";

/** The source changed while it was copied: what was made is worth nothing, and another attempt may succeed. */
export class StillMoving extends Error {
  override readonly name = "StillMoving";
}

/** LevelDB's files (doc/impl.md of LevelDB): tables are written once and never changed, the others grow. */
const isTable = (name: string): boolean => /^\d+\.(ldb|sst)$/.test(name);
const isLog = (name: string): boolean => /^\d+\.log$/.test(name);
const isManifest = (name: string): boolean => /^MANIFEST-\d+$/.test(name);

/**
 * Copies a LevelDB folder, open or not, into an empty one: tables as hard links, which cost neither time nor space; CURRENT,
 * MANIFEST and logs as copies, since those are written on.
 *
 * The copy is one moment of the source: its file names, CURRENT and MANIFEST are the same before and after. A log alone may
 * have grown meanwhile; what was copied of it is its beginning, as after a power cut.
 *
 * @throws StillMoving when another attempt is needed; the target must be thrown away.
 */
export async function copyCheckpoint(from: string, to: string, files: Files = FILES): Promise<void> {
  const before = await look(from, files);
  if (before === undefined) throw new StillMoving(`'${from}': a file has gone`);
  if (before.current === undefined) throw new StillMoving(`'${from}': has no CURRENT`);
  for (const name of before.names) {
    try {
      if (isTable(name)) await files.link(join(from, name), join(to, name));
      else await files.copyFile(join(from, name), join(to, name));
    } catch (error) {
      // A compaction removed it.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new StillMoving(`'${from}': '${name}' has gone`);
      throw error;
    }
    if (!isTable(name)) await syncPath(join(to, name), files);
  }
  const after = await look(from, files);
  if (JSON.stringify(before) !== JSON.stringify(after)) throw new StillMoving(`'${from}': changed meanwhile`);
  await syncPath(to, files);
}

interface Look {
  /** Tables first: the sooner they are linked, the fewer a compaction removes before. */
  readonly names: readonly string[];
  readonly current: string | undefined;
  /** Bytes of each MANIFEST. */
  readonly manifests: readonly number[];
}

/** @returns undefined when a file went between its name and its size. */
async function look(folder: string, files: Files): Promise<Look | undefined> {
  const all = (await files.readdir(folder)).sort();
  const logs = all.filter(isLog);
  const manifests = all.filter(isManifest);
  const current = all.includes("CURRENT") ? ["CURRENT"] : [];
  const lastCommit = all.includes(LAST_COMMIT_FILE) ? [LAST_COMMIT_FILE] : [];
  try {
    return {
      // The last commit before the logs that hold it: the other way round the copy would miss a commit that it names.
      names: [...all.filter(isTable), ...lastCommit, ...logs, ...manifests, ...current],
      current: current.length > 0 ? await files.readFile(join(folder, "CURRENT"), "utf8") : undefined,
      manifests: await Promise.all(manifests.map((name) => size(join(folder, name), files))),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** By an open file: NFS asks the server at every open, where a plain stat may be answered from a cache. */
async function size(path: string, files: Files): Promise<number> {
  const handle = await files.open(path, "r");
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
