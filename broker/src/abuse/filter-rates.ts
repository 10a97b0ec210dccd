import { LIMITS } from "../limits";
import { BoundedMap } from "./bounded-map";
import type { Clock } from "./clock";
import { TokenBucket } from "./token-bucket";

/** So many retained messages cost as much as a filter. */
const RETAINED_PER_FILTER = 50;
/** And so many levels of their topics that were looked at, found or not: at half a microsecond, a filter's 0.1 ms. */
const LEVELS_PER_FILTER = 200;

/** What the retained messages of a filter cost. */
export interface Sought {
  /** Found, and offered to the client. */
  readonly messages: number;
  /** Levels of topics that were looked at. */
  readonly looked: number;
}

const NOTHING: Sought = { messages: 0, looked: 0 };

/**
 * Holds what identities subscribe to and unsubscribe from to a rate, all connections of each together. What a filter costs
 * shows behind it alone, by the retained messages that were looked at and brought: it is paid for afterwards, before the next one.
 */
export class FilterRates {
  readonly #buckets = new BoundedMap<string, TokenBucket>(LIMITS.filterEntries);

  constructor(private readonly now: Clock = () => performance.now()) {}

  /** Milliseconds until the identity may ask again; 0: now. */
  owed(identity: string): number {
    return this.#buckets.get(identity)?.take(0) ?? 0;
  }

  charge(identity: string, filters: number, { messages, looked }: Sought = NOTHING): void {
    let bucket = this.#buckets.get(identity);
    if (!bucket) {
      bucket = new TokenBucket({ perSecond: LIMITS.filterRate, burst: LIMITS.filterBurst }, this.now);
      this.#buckets.set(identity, bucket);
    }
    bucket.take(filters + Math.max(messages / RETAINED_PER_FILTER, looked / LEVELS_PER_FILTER));
  }
}
