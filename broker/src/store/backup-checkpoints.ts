import { join } from "node:path";
import type { Logger } from "../logger";
import { FILES, type Files } from "./files";
import { folderName, isBuilding, isCheckpoint } from "./folder-name";
import { takeCheckpoint } from "./take-checkpoint";

export interface BackupTimes {
  /** Milliseconds between two checkpoints, measured from the last one that is there, whoever made it. */
  readonly everyMs: number;
  /** Checkpoints that are kept. */
  readonly keep: number;
  /** How often it is looked whether one is due, in milliseconds. */
  readonly lookMs: number;
}

/**
 * Every six hours, of which four are kept: a backup of the file system that takes up to 18 hours finds at least the
 * checkpoint that was the latest when it began, whole from its first byte to its last.
 */
export const BACKUP: BackupTimes = { everyMs: 6 * 3_600_000, keep: 4, lookMs: 60_000 };

export interface BackupCheckpointsProps {
  /** The store's folder: checkpoints go to `backup/` in it. */
  readonly root: string;
  /** The open store that is copied. */
  readonly source: string;
  readonly log: Logger;
  /** @default BACKUP */
  readonly times?: BackupTimes;
  readonly files?: Files;
}

/**
 * What a file-system backup can copy: checkpoints in folders that nothing writes to any more. The live folder changes under
 * a backup that reads it for hours, and its copy may be torn. A checkpoint that fails is an error in the log, on which an
 * alarm stands, and is tried again; the broker serves on.
 */
export class BackupCheckpoints {
  readonly #props: BackupCheckpointsProps;
  readonly #times: BackupTimes;
  readonly #files: Files;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(props: BackupCheckpointsProps) {
    this.#props = props;
    this.#times = props.times ?? BACKUP;
    this.#files = props.files ?? FILES;
    const look = (): void => void (this.#running = this.#running.then(() => this.#makeDue()));
    this.#timer = setInterval(look, this.#times.lookMs).unref();
    look();
  }

  /** Resolves when none is being made. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #makeDue(): Promise<void> {
    if (this.#stopped) return;
    const { root, source, log } = this.#props;
    const folder = join(root, folderName.backup);
    try {
      await this.#files.mkdir(folder, { recursive: true, mode: 0o700 });
      const names = await this.#files.readdir(folder);
      const present = names.filter(isCheckpoint).sort();
      const now = new Date();
      const due = folderName.checkpoint(new Date(now.getTime() - this.#times.everyMs));
      const name = folderName.checkpoint(now);
      // One from the future was made under a clock that was wrong: it must neither hold up the next ones nor outlive them.
      const past = present.filter((each) => each <= name);
      const future = present.filter((each) => each > name);
      const latest = past.at(-1);
      if (latest !== undefined && latest > due) return;
      await takeCheckpoint(source, join(folder, name), this.#files);
      const surplus = [...future, ...past, name].slice(0, -this.#times.keep);
      for (const old of [...surplus, ...names.filter(isBuilding)])
        await this.#files.rm(join(folder, old), { recursive: true, force: true });
      log.info({ checkpoint: name }, "store-checkpoint");
    } catch (error) {
      log.error({ error }, "store-checkpoint-failed");
    }
  }
}
