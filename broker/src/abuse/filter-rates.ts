import { LIMITS } from "../limits";
import { BoundedMap } from "./bounded-map";
import type { Clock } from "./clock";
import { TokenBucket } from "./token-bucket";

/** So many retained messages cost as much as a filter. */
const RETAINED_PER_FILTER = 50;

/**
 * Holds what identities subscribe to and unsubscribe from to a rate, all connections of each together. What a filter costs
 * shows behind it alone, by the retained messages that it brought: it is paid for afterwards, before the next one.
 */
export class FilterRates {
  readonly #buckets = new BoundedMap<string, TokenBucket>(LIMITS.filterEntries);

  constructor(private readonly now: Clock = () => performance.now()) {}

  /** Milliseconds until the identity may ask again; 0: now. */
  owed(identity: string): number {
    return this.#buckets.get(identity)?.take(0) ?? 0;
  }

  charge(identity: string, filters: number, retained = 0): void {
    let bucket = this.#buckets.get(identity);
    if (!bucket) {
      bucket = new TokenBucket({ perSecond: LIMITS.filterRate, burst: LIMITS.filterBurst }, this.now);
      this.#buckets.set(identity, bucket);
    }
    bucket.take(filters + retained / RETAINED_PER_FILTER);
  }
}
