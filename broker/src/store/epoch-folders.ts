import { join } from "node:path";
import { StoreFault } from "../persistence/store-fault";
import { FILES, type Files } from "./files";
import { epochOf, folderName, isBuilding } from "./folder-name";
import { replaceFile } from "./replace-file";
import { syncPath } from "./sync-path";
import { takeCheckpoint } from "./take-checkpoint";

/** In an epoch's folder: the lease has named it, so that it may hold what was acknowledged. */
const COMPLETED = "COMPLETED";
/** In an epoch's folder: which restored checkpoint it began with. */
const RESTORED = "RESTORED";

/** An epoch's folder, before anything was written to it. */
export interface EpochFolder {
  readonly path: string;
  /** By which the lease names it. */
  readonly name: string;
  /** Nothing was ever completed: the store begins here. */
  readonly isFirst: boolean;
  /** It holds a checkpoint that an operator put in place. */
  readonly isRestored: boolean;
}

export interface EpochFoldersProps {
  /** The store's own folder; a folder for each epoch lies in it. */
  readonly root: string;
  /** Earlier epochs that are kept. A table shared by all of them is one file with as many links (EFS allows 177). @default 2 */
  readonly keep?: number;
  readonly files?: Files;
}

/**
 * One folder for each epoch of the lease (docs/decisions/0016). An epoch begins with a checkpoint of the last *completed*
 * folder, which the lease names; a former holder that wakes up late can write into its own folder alone, which nobody
 * reads any more. A crash between any two steps leaves the completed folder as it is, and leftovers that the next epoch
 * removes.
 */
export class EpochFolders {
  readonly #root: string;
  readonly #keep: number;
  readonly #files: Files;

  constructor({ root, keep = 2, files = FILES }: EpochFoldersProps) {
    this.#root = root;
    this.#keep = keep;
    this.#files = files;
  }

  /** Whether this process may make, sync and remove files here: a task that may not could never take over. @throws if not. */
  async check(): Promise<void> {
    await this.#files.mkdir(this.#root, { recursive: true, mode: 0o700 });
    const probe = join(this.#root, `probe-${process.pid}`);
    await replaceFile(probe, "");
    await this.#files.rm(probe, { force: true });
  }

  /**
   * Makes the folder of an epoch. Nobody may write to it before the lease has named it (`Lease.complete`).
   * @param completed the last completed folder, as the lease names it; undefined when it names none.
   * @throws StoreFault when lease and folders contradict each other: nothing is made new in the place of something lost.
   */
  async begin(epoch: number, completed: string | undefined): Promise<EpochFolder> {
    await this.#files.mkdir(this.#root, { recursive: true, mode: 0o700 });
    const name = folderName.epoch(epoch);
    const path = join(this.#root, name);
    const isRestored = await this.#mustRestore(completed);
    if (!isRestored) await this.#requireConsistent(name, completed);
    // A lease that counts anew: what its last one had named it by this name is not ours to remove.
    else if ((await this.#named()).includes(name)) await this.#setAside(name);
    // Of a process that ended before the lease named it: nothing in it was ever acknowledged.
    await this.#files.rm(path, { recursive: true, force: true });
    const source = isRestored ? folderName.restore : completed;
    if (source === undefined) {
      await this.#files.mkdir(path, { mode: 0o700 });
      await syncPath(this.#root, this.#files);
    } else {
      await takeCheckpoint(join(this.#root, source), path, this.#files);
    }
    if (isRestored) await replaceFile(join(path, RESTORED), await this.#restoreId(), this.#files);
    return { path, name, isFirst: source === undefined, isRestored };
  }

  /** The lease names the folder now. */
  async completed({ path, name, isRestored }: EpochFolder): Promise<void> {
    if (isRestored) await this.#finishRestore(name);
    await replaceFile(join(path, COMPLETED), "", this.#files);
  }

  /**
   * Removes what no epoch will need again, once the lease has named the folder. Only what is older than that: a late
   * caller removes nothing that anybody needs.
   */
  async prune({ name }: EpochFolder): Promise<void> {
    const epoch = epochOf(name)!;
    const names = await this.#files.readdir(this.#root);
    const older = names.filter((each) => (epochOf(each) ?? epoch) < epoch).sort();
    const leftovers = names.filter((each) => isBuilding(each) && epochOf(each.split(".")[0]!)! < epoch);
    for (const each of [...older.slice(0, Math.max(0, older.length - this.#keep)), ...leftovers])
      await this.#files.rm(join(this.#root, each), { recursive: true, force: true });
  }

  /** Names of folders that a lease has named, in the order of their epochs. */
  async #named(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const name of await this.#files.readdir(this.#root))
      if (epochOf(name) !== undefined && (await this.#has(name, COMPLETED))) found.push(name);
    return found.sort();
  }

  async #has(folder: string, name: string): Promise<boolean> {
    return (await this.#files.readdir(join(this.#root, folder))).includes(name);
  }

  /** @param name of the epoch that begins. */
  async #requireConsistent(name: string, completed: string | undefined): Promise<void> {
    const latest = (await this.#named()).at(-1);
    const says = completed === undefined ? "no folder" : `'${completed}'`;
    if (completed !== undefined && epochOf(completed) === undefined)
      throw this.#fault(`the lease names ${says}, which is no name of an epoch's folder`);
    if (completed !== undefined && !(await this.#files.readdir(this.#root)).includes(completed))
      throw this.#fault(`the lease names ${says}, which is not there`);
    if (latest !== undefined && (completed === undefined || latest > completed))
      throw this.#fault(`the lease names ${says}, but '${latest}' was completed after it`);
    // It would be removed as a leftover of this very epoch.
    if (completed !== undefined && completed >= name)
      throw this.#fault(`the lease names ${says}, and counts no further than '${name}'`);
  }

  /** Whether an operator put a checkpoint in place that no completed epoch has begun with. */
  async #mustRestore(completed: string | undefined): Promise<boolean> {
    const { restore } = folderName;
    const names = await this.#files.readdir(this.#root);
    if (!names.includes(restore)) return false;
    if (!(await this.#has(restore, "CURRENT")))
      throw this.#fault(`'${restore}' is no checkpoint: it must hold the file CURRENT itself`);
    if (completed === undefined || !names.includes(completed) || !(await this.#has(completed, RESTORED))) return true;
    const used = await this.#files.readFile(join(this.#root, completed, RESTORED), "utf8");
    if (used !== (await this.#restoreId())) return true;
    // A crash behind the lease's update left it in its place.
    await this.#finishRestore(completed);
    return false;
  }

  /** The lease names an epoch that began with the checkpoint: sets that and every later epoch's folder aside. */
  async #finishRestore(name: string): Promise<void> {
    for (const later of await this.#named()) if (later > name) await this.#setAside(later);
    const used = `${folderName.restore}d-by-${name}`;
    await this.#files.rm(join(this.#root, used), { recursive: true, force: true });
    await this.#files.rename(join(this.#root, folderName.restore), join(this.#root, used));
    await syncPath(this.#root, this.#files);
  }

  /** Keeps a folder under a name that no epoch begins with, and that is free: earlier ones are the operator's to delete. */
  async #setAside(name: string): Promise<void> {
    const names = await this.#files.readdir(this.#root);
    let aside = `set-aside-${name}`;
    for (let times = 2; names.includes(aside); times++) aside = `set-aside-${name}-${times}`;
    await this.#files.rename(join(this.#root, name), join(this.#root, aside));
  }

  /** Tells one restored checkpoint from another. */
  async #restoreId(): Promise<string> {
    const handle = await this.#files.open(join(this.#root, folderName.restore, "CURRENT"), "r");
    try {
      const { ino, mtimeMs } = await handle.stat();
      return `${ino} ${mtimeMs}`;
    } finally {
      await handle.close();
    }
  }

  #fault(what: string): StoreFault {
    const fix = `Put the folder back, or a good checkpoint as '${folderName.restore}', as docs/failover.md says under 'Restore'.`;
    return new StoreFault("missing", this.#root, what, fix);
  }
}
