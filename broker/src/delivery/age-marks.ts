import type { Journal } from "../persistence/journal";
import { key } from "../persistence/key";

/** Places up to this one were given by then. */
interface Mark {
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * How old what is stored is at least. A time in every message would cost each of them; places in the store only rise, so
 * that it is enough to note from time to time how far they have come.
 */
export class AgeMarks {
  readonly #journal: Journal;
  /** The earliest first. */
  #marks: Mark[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Takes what the store held, in the order of the places. */
  restore(sequence: number, record: Buffer): void {
    this.#marks.push({ sequence, at: record.readDoubleBE(0) });
  }

  /** Notes that the places up to this one are given. */
  note(sequence: number, now: number): void {
    if (sequence <= (this.#marks.at(-1)?.sequence ?? 0)) return;
    this.#marks.push({ sequence, at: now });
    const record = Buffer.alloc(8);
    record.writeDoubleBE(now);
    this.#journal.put(key.mark(sequence), record);
  }

  /** @returns the last place that was given this long ago, or longer; 0 when nothing is known to be so old. */
  upTo(now: number, ageMs: number): number {
    const last = this.#marks.findLastIndex(({ at }) => now - at >= ageMs);
    // Those before it say nothing that it does not say.
    for (const { sequence } of this.#marks.slice(0, Math.max(0, last))) this.#journal.delete(key.mark(sequence));
    this.#marks = this.#marks.slice(Math.max(0, last));
    return last < 0 ? 0 : this.#marks[0]!.sequence;
  }
}
