import { open, readFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { syncWitness, SyncWitness } from "./sync-witness";

/** Beside LevelDB's own files. Overwritten in place: a copy of the store copies it, and never links it. */
export const LAST_COMMIT_FILE = "LAST-COMMIT";

const DIGITS = 16;
const encode = (sequence: number): Buffer => {
  const text = sequence.toString().padStart(DIGITS, "0");
  return Buffer.from(`${text} ${crc32(text).toString(16).padStart(8, "0")}\n`, "latin1");
};

/** @returns the sequence number in the file; 0 when there is no file, undefined when it is damaged. */
export async function readLastCommit(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, LAST_COMMIT_FILE), "latin1").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return 0;
  const sequence = Number(text.slice(0, DIGITS));
  return encode(sequence).toString("latin1") === text ? sequence : undefined;
}

/**
 * A commit that is surely stored, outside LevelDB: a log file that vanished as a whole, or an end of it that turned bad,
 * looks to LevelDB like a crash before those commits. Written behind each commit and not synced: after a crash of the
 * process it is there, after a loss of power it may be older than the store, and never newer.
 */
export class LastCommitFile {
  readonly #file: FileHandle;
  /** Whether the sync behind a commit is to be believed; its number is noted afterwards. */
  readonly confirm: SyncWitness;
  /** Told when a number could not be written. */
  onFailure: (error: Error) => void = () => undefined;
  #sequence: number;
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle, sequence: number, confirm: SyncWitness) {
    this.#file = file;
    this.confirm = confirm;
    this.#sequence = sequence;
  }

  /** Opens it, or makes it, with this number. From here on its length never changes. */
  static async open(folder: string, sequence: number, witness: typeof syncWitness): Promise<LastCommitFile> {
    const path = join(folder, LAST_COMMIT_FILE);
    const file = await open(path, "r+").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return open(path, "wx+", 0o600);
      throw error;
    });
    try {
      const bytes = encode(sequence);
      await file.write(bytes, 0, undefined, 0);
      await file.sync();
      return new LastCommitFile(file, sequence, await witness(folder, file, bytes.length));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** This commit is stored. Does not wait: the next write takes the latest number with it. */
  note(sequence: number): void {
    this.#sequence = sequence;
    this.#writing ??= this.#write();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #write(): Promise<void> {
    try {
      for (let written = -1; written !== this.#sequence;) {
        written = this.#sequence;
        await this.#file.write(encode(written), 0, undefined, 0);
      }
    } catch (error) {
      this.onFailure(error as Error);
    }
    this.#writing = undefined;
  }
}
