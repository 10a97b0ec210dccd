import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { decodeAt, encodeMessage, type StoredMessage } from "./record";
import { ASIDE } from "./set-aside";

/** Begins the names of files of refused messages, below `aside/`; the number of the first message follows. */
export const REFUSED = "refused-";

/** A file is at most about this long. */
const FILE_BYTES = 4 * 1024 * 1024;

/** So many files are kept: a topic that is refused for weeks must not fill the disk. */
const FILES = 8;

/** Messages that the broker refuses: kept as the queue's own records for whoever wants to look, and never sent again. */
export class RefusedMessages {
  readonly #folder: string;
  #file: { readonly path: string; bytes: number } | undefined;

  /** @param queue the queue's folder */
  constructor(queue: string) {
    this.#folder = join(queue, ASIDE);
  }

  /** @returns how many older ones gave way, when the message is on disk */
  async keep(message: StoredMessage): Promise<number> {
    await mkdir(this.#folder, { recursive: true });
    const gaveWay = this.#file && this.#file.bytes < FILE_BYTES ? 0 : await this.#begin(message.seq);
    const record = encodeMessage(message, message.seq, message.time, message.certain);
    const handle = await open(this.#file!.path, "a", 0o600);
    try {
      await handle.writeFile(record);
      await handle.datasync();
    } catch (error) {
      // Half a record would hide those behind it.
      await handle.truncate(this.#file!.bytes).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
    this.#file!.bytes += record.length;
    return gaveWay;
  }

  async #begin(seq: number): Promise<number> {
    const names = (await readdir(this.#folder)).filter((name) => name.startsWith(REFUSED)).sort();
    let gaveWay = 0;
    for (const name of names.slice(0, Math.max(0, names.length - FILES + 1))) {
      gaveWay += countRecords(await readFile(join(this.#folder, name)));
      await rm(join(this.#folder, name));
    }
    const path = join(this.#folder, `${REFUSED}${seq.toString(16).padStart(12, "0")}`);
    this.#file = { path, bytes: (await stat(path).catch(() => undefined))?.size ?? 0 };
    return gaveWay;
  }
}

function countRecords(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; count++) {
    const found = decodeAt(bytes, at);
    if (typeof found === "string") break;
    at = found.next;
  }
  return count;
}
