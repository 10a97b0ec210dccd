import type { StoredMessage } from "./record";

/** How long messages have been in the queue, whatever the device's clock does meanwhile. */
export interface MessageAges {
  /** Messages from `seq` on are being accepted now. */
  accepted(seq: number): void;
  /** ms; never more than it truly is, and up to a minute less */
  of(message: StoredMessage): number;
  /** Messages below `seq` are not asked for any more. */
  forget(seq: number): void;
}

export interface MessageAgesProps {
  /** The device's time, ms. */
  readonly now: () => number;
  /** Has network time set the device's clock? */
  readonly isSynchronised: () => boolean;
  /** A clock that nobody sets, ms. @default performance.now */
  readonly monotonic?: () => number;
}

/** Messages that are accepted within this time share one note, ms: a week has ten thousand of them. */
const SHARED_MS = 60_000;

/**
 * Age decides what is dropped, so no clock that leaps may tell it (docs/decisions/0017). What this process accepted is
 * counted by the monotonic clock. What an earlier one left is as old as its stamp says if network time had set the clock both
 * when it was stamped and now; otherwise nobody knows how long the device was without power, and it counts from this start.
 */
export function createMessageAges({
  now,
  isSynchronised,
  monotonic = () => performance.now(),
}: MessageAgesProps): MessageAges {
  const started = monotonic();
  /** In order; `last` is when the last message of the note was accepted. */
  const notes: { readonly seq: number; readonly first: number; last: number }[] = [];
  const noteOf = (seq: number): { readonly last: number } | undefined => {
    let [low, high] = [0, notes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (notes[middle]!.seq <= seq) low = middle + 1;
      else high = middle;
    }
    return notes[low - 1];
  };
  return {
    accepted: (seq) => {
      const at = monotonic();
      const note = notes.at(-1);
      if (note && at - note.first < SHARED_MS) note.last = at;
      else notes.push({ seq, first: at, last: at });
    },
    of: ({ seq, time, certain }) => {
      const note = noteOf(seq);
      if (note) return monotonic() - note.last;
      return certain && isSynchronised() ? now() - time : monotonic() - started;
    },
    forget: (seq) => {
      let done = 0;
      while (notes[done + 1] && notes[done + 1]!.seq <= seq) done++;
      notes.splice(0, done);
    },
  };
}
