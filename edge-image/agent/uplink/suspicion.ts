import type { StoredMessage } from "../queue/record";

/** Connections that must have ended on a message alone before it counts as refused. */
const STRIKES = 3;

/** A topic that the broker refused is tried again after this, ms: what the site grants may have come back. */
const TRY_AGAIN_MS = 3_600_000;

/** The messages that were sent and not acknowledged when a connection ended. */
export interface UnderWay {
  readonly first: StoredMessage;
  readonly last: StoredMessage;
  /** Did the broker end it in order? A line that breaks does not. */
  readonly inOrder: boolean;
}

/** What is known, from one connection to the next, of messages for which the broker may have ended them. */
export interface Suspicion {
  /** Must this message be sent alone, with nothing else under way? */
  isAlone(message: StoredMessage): boolean;
  /** Did connections end on it? Then it is sent only on one that has held without it. */
  isDoubted(message: StoredMessage): boolean;
  /** Does the broker refuse it? Then it is not sent. */
  isRefused(message: StoredMessage): boolean;
  /** The connection ended, and not by us. */
  ended(underWay: UnderWay): void;
  /** It ended before the message in doubt was sent. */
  endedQuiet(): void;
}

/**
 * MQTT 3.1.1 has no answer to a PUBLISH that is not allowed: the broker closes the connection (section 3.3.5). So it does
 * when it stops, and so does a line that breaks. A message is refused if connection after connection ends on it: when two
 * ended with the same message first in line, those under way are sent one by one, and three that the broker ended in order on
 * one alone, each after it had stayed without that message, say that it is this one. A line that is reset or times out
 * says nothing, and neither does one that ends on its own: the count begins anew.
 *
 * @param now monotonic, ms
 */
export const createSuspicion = (now: () => number = () => performance.now()): Suspicion => {
  const topics = new Map<string, number>();
  let first = -1;
  let ends = 0;
  let strikes = 0;
  let careUntil = -1;
  return {
    isAlone: ({ seq }) => seq <= careUntil,
    isDoubted: ({ seq }) => seq === first && ends > 1,
    isRefused: ({ seq, topic }) => {
      if (seq === first && strikes >= STRIKES) topics.set(topic, now() + TRY_AGAIN_MS);
      const until = topics.get(topic);
      if (until === undefined) return false;
      if (now() < until) return true;
      topics.delete(topic);
      return false;
    },
    ended: (underWay) => {
      if (underWay.first.seq !== first) [first, ends, strikes] = [underWay.first.seq, 0, 0];
      // Before that it was sent without the control.
      const isDoubted = ends > 1;
      ends += 1;
      if (!underWay.inOrder) strikes = 0;
      else if (isDoubted && underWay.last.seq === first) strikes += 1;
      if (ends > 1) careUntil = Math.max(careUntil, underWay.last.seq);
    },
    endedQuiet: () => (strikes = 0),
  };
};
