import { setTimeout as sleep } from "node:timers/promises";
import type { Lease } from "../lease";
import type { Logger } from "../logger";
import type { KeyValue } from "../persistence/key-value";
import { LevelKeyValue } from "../persistence/level-key-value";
import { StoreFault } from "../persistence/store-fault";
import { BackupCheckpoints, type BackupTimes } from "./backup-checkpoints";
import { EpochFolders, type EpochFolder } from "./epoch-folders";
import type { MessageStore } from "./message-store";

/** A former holder that still writes can spoil one copy; its lease is over, so it ends. */
const ATTEMPTS = 5;
/** Between two tries to tell the lease, while it is held. */
const RETRY_MS = 500;

export interface FolderStoreProps {
  /** The store's folder, shared by all tasks. */
  readonly root: string;
  readonly log: Logger;
  /** @default BACKUP */
  readonly backup?: BackupTimes;
}

/** The message store in a folder: LevelDB in a folder for each epoch (docs/decisions/0016), checkpoints for the backup. */
export class FolderStore implements MessageStore {
  readonly #props: FolderStoreProps;
  readonly #folders: EpochFolders;

  constructor(props: FolderStoreProps) {
    this.#props = props;
    this.#folders = new EpochFolders({ root: props.root });
  }

  readonly check = (): Promise<void> => this.#folders.check();

  readonly open = async (epoch: number, lease: Lease): Promise<KeyValue | undefined> => {
    const { log, root } = this.#props;
    const begun = performance.now();
    const [folder, keyValue] = await this.#begin(epoch, lease.completed);
    try {
      if (!(await this.#complete(epoch, lease, folder))) {
        await keyValue.close();
        return undefined;
      }
      await this.#folders.completed(folder);
    } catch (error) {
      await keyValue.close();
      throw error;
    }
    const { name, isFirst, isRestored } = folder;
    const openMs = Math.round(performance.now() - begun);
    log.info({ epoch, folder: name, isFirst, isRestored, keys: keyValue.size, openMs }, "store-opened");
    // Nobody waits for it, and what it leaves the next epoch removes.
    void this.#folders.prune(folder).catch((error: unknown) => log.warn({ error, epoch }, "store-not-pruned"));
    const backups = new BackupCheckpoints({ root, source: folder.path, log, times: this.#props.backup });
    return {
      get: (key) => keyValue.get(key),
      range: (range) => keyValue.range(range),
      batch: (changes) => keyValue.batch(changes),
      close: async () => {
        await backups.stop();
        await keyValue.close();
      },
    };
  };

  async #begin(epoch: number, completed: string | undefined): Promise<[EpochFolder, LevelKeyValue]> {
    for (let attempt = 1; ; attempt++) {
      const folder = await this.#folders.begin(epoch, completed);
      try {
        return [folder, await LevelKeyValue.open({ folder: folder.path, create: folder.isFirst })];
      } catch (error) {
        if (!(error instanceof StoreFault) || error.kind !== "corrupt" || attempt === ATTEMPTS) throw error;
        this.#props.log.warn({ error, epoch, attempt }, "store-copied-again");
      }
    }
  }

  /** @returns whether the lease is still this epoch's and names the folder now. */
  async #complete(epoch: number, lease: Lease, { name }: EpochFolder): Promise<boolean> {
    while (lease.epoch === epoch) {
      try {
        return await lease.complete(name);
      } catch (error) {
        this.#props.log.warn({ error, epoch }, "lease-not-completed");
        await sleep(RETRY_MS);
      }
    }
    return false;
  }
}
