import type { OpenedRecords } from "./opened-records";

/**
 * The checksum of every record in force, by key. Those of the opening stay in their sorted list, since a hash map of
 * hundreds of thousands of keys is a good part of what a start costs; beside it is what has changed since.
 */
export class Checksums {
  readonly #opened: OpenedRecords;
  readonly #changed = new Map<string, number>();
  /** Those of the opening that are gone or have changed. */
  readonly #former = new Set<string>();

  constructor(opened: OpenedRecords) {
    this.#opened = opened;
  }

  /** Records. */
  get size(): number {
    return this.#opened.keys.length - this.#former.size + this.#changed.size;
  }

  /**
   * The record has this checksum now; undefined: it is gone.
   * @returns the one that it had.
   */
  replace(key: string, checksum: number | undefined): number | undefined {
    let before = this.#changed.get(key);
    if (before === undefined && !this.#former.has(key)) {
      before = this.#opened.checksumOf(key);
      if (before !== undefined) this.#former.add(key);
    }
    if (checksum === undefined) this.#changed.delete(key);
    else this.#changed.set(key, checksum);
    return before;
  }
}
