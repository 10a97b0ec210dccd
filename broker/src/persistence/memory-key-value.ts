import type { Change, KeyRange, KeyValue } from "./key-value";
import { SortedKeys } from "./sorted-keys";

/** A store that lives as long as its process: a hash map for the values, sorted keys for the ranges. */
export class MemoryKeyValue implements KeyValue {
  readonly #values = new Map<string, Buffer>();
  readonly #keys = new SortedKeys();
  #closed = false;

  /** Keys in the store. */
  get size(): number {
    return this.#values.size;
  }

  async get(key: string): Promise<Buffer | undefined> {
    this.#requireOpen();
    return this.#values.get(key);
  }

  async range({ gte, lt, limit = Infinity }: KeyRange): Promise<Iterable<readonly [string, Buffer]>> {
    this.#requireOpen();
    const found: (readonly [string, Buffer])[] = [];
    for (const key of this.#keys.from(gte)) {
      if (key >= lt || found.length >= limit) break;
      found.push([key, this.#values.get(key)!]);
    }
    return found;
  }

  async batch(changes: readonly Change[]): Promise<void> {
    this.#requireOpen();
    // Nothing below can fail half way: all or nothing, as a batch must be.
    for (const change of changes) {
      const { key } = change;
      if (change.type === "put") {
        if (!this.#values.has(key)) this.#keys.add(key);
        this.#values.set(key, change.value);
      } else if (this.#values.delete(key)) {
        this.#keys.delete(key);
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error("key-value store: it is closed");
  }
}
