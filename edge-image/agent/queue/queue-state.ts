/** One file of the queue. */
export interface Segment {
  /** Number of its first message. */
  readonly base: number;
  readonly path: string;
  /** Bytes that are on disk for certain. */
  bytes: number;
}

/** What the queue's parts share. */
export interface QueueState {
  readonly folder: string;
  /** In order of their messages. */
  readonly segments: Segment[];
  /** Number of the next message to be accepted. */
  nextSeq: number;
  /** Every message below was acknowledged by a broker, dropped, or lost to damage. */
  acknowledged: number;
}

/** What happened to a queue that a person must know of. */
export type QueueEvent =
  /** Bytes that are no records. They are kept in `aside`; `lost` counts accepted messages that were in them. */
  | {
      readonly kind: "damaged";
      readonly path: string;
      readonly offset: number;
      readonly bytes: number;
      readonly lost: number;
      readonly aside: string;
    }
  /** The last bytes of the last segment are no whole record: a write that a power cut ended, or damage. Kept in `aside`. */
  | { readonly kind: "torn"; readonly path: string; readonly bytes: number; readonly aside: string }
  /** Messages from `first` to `last` gave way to the declared bounds. */
  | { readonly kind: "dropped"; readonly why: "size" | "age"; readonly first: number; readonly last: number }
  /** The broker refuses a message: it was set aside. */
  | { readonly kind: "refused"; readonly topic: string; readonly seq: number }
  /** The disk had no room to set it aside: it stays in the queue. */
  | { readonly kind: "refused-stays"; readonly topic: string; readonly seq: number; readonly error: Error }
  /** Older refused messages gave way to it. */
  | { readonly kind: "refused-dropped"; readonly count: number }
  /** The disk did not take a batch: its messages were refused to their applications. */
  | { readonly kind: "disk-failed"; readonly error: Error }
  | { readonly kind: "disk-works" };

export type ReportEvent = (event: QueueEvent) => void;

/** Number behind the segment's last message. */
export const endOf = (state: QueueState, segment: Segment): number => {
  const next = state.segments[state.segments.indexOf(segment) + 1];
  return next ? next.base : state.nextSeq;
};

export const totalBytes = (state: QueueState): number => state.segments.reduce((sum, { bytes }) => sum + bytes, 0);
