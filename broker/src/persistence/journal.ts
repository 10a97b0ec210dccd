import type { Change, KeyValue } from "./key-value";

export interface JournalProps {
  readonly store: KeyValue;
  /** The store failed: told once. Nothing can be stored or acknowledged any more. */
  readonly onFailure: (error: Error) => void;
  /**
   * Asked when a batch is stored, and before anybody hears of it: whether this task still holds its lease. While the disk
   * took its time another one may have begun with what was stored before. @default always
   */
  readonly mayAcknowledge?: () => boolean;
}

/** What a change, and who waits, cost in memory beside their bytes: a guess, for the bound alone. */
const OVERHEAD = 200;

/**
 * The one way into the store. Changes of one turn of the event loop, and those made while a batch is under way, go in one
 * batch (group commit), in the order in which they were made; so what is stored is always a prefix of what happened.
 *
 * No write is without somebody who waits for it: a batch that fails is told to `onFailure` once, after which nothing is
 * stored and nobody who waits is told otherwise: nothing may be acknowledged any more. The same holds, without a word,
 * from the moment in which `mayAcknowledge` says no.
 */
export class Journal {
  readonly #store: KeyValue;
  readonly #onFailure: (error: Error) => void;
  readonly #mayAcknowledge: () => boolean;
  #changes: Change[] = [];
  #waiting: (() => void)[] = [];
  #scheduled = false;
  #writing: Promise<void> | undefined;
  #ended = false;
  #backlog = 0;

  constructor({ store, onFailure, mayAcknowledge = () => true }: JournalProps) {
    this.#store = store;
    this.#onFailure = onFailure;
    this.#mayAcknowledge = mayAcknowledge;
  }

  /** Memory, about, that changes take which are not stored yet, and who waits for them, in bytes. */
  get backlog(): number {
    return this.#backlog;
  }

  put(key: string, value: Buffer): void {
    this.#add({ type: "put", key, value });
  }

  delete(key: string): void {
    this.#add({ type: "del", key });
  }

  /** Calls `done` when every change made so far is stored: at once when it is already; never, if the store fails. */
  afterCommit(done: () => void): void {
    if (this.#ended) return;
    if (this.#changes.length === 0 && !this.#writing) done();
    else {
      this.#waiting.push(done);
      this.#backlog += OVERHEAD;
    }
  }

  /** Resolves when every change made so far is stored; never, if the store fails. */
  committed(): Promise<void> {
    return new Promise((resolve) => this.afterCommit(resolve));
  }

  /** Takes no further change: those made since are another task's to make. Resolves when no batch is under way. */
  async end(): Promise<void> {
    this.#forget();
    await this.#writing;
  }

  #forget(): void {
    this.#ended = true;
    this.#changes = [];
    this.#waiting = [];
  }

  #add(change: Change): void {
    if (this.#ended) return;
    this.#changes.push(change);
    this.#backlog += OVERHEAD + 2 * change.key.length + (change.type === "put" ? change.value.length : 0);
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    // After all that the current read brings: one batch for the whole of it.
    process.nextTick(() => {
      this.#scheduled = false;
      this.#writing = this.#write();
    });
  }

  async #write(): Promise<void> {
    try {
      while (!this.#ended && (this.#changes.length > 0 || this.#waiting.length > 0)) {
        const changes = this.#changes;
        const waiting = this.#waiting;
        const backlog = this.#backlog;
        this.#changes = [];
        this.#waiting = [];
        if (changes.length > 0) await this.#store.batch(changes);
        if (this.#ended) return;
        if (!this.#mayAcknowledge()) return this.#forget();
        this.#backlog -= backlog;
        for (const done of waiting) done();
      }
      this.#writing = undefined;
    } catch (error) {
      this.#forget();
      this.#onFailure(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
