import { BoundedMap } from "./bounded-map";
import type { Clock } from "./clock";
import { TokenBucket, type Rate } from "./token-bucket";

export interface RateByKeyProps {
  readonly rate: Rate;
  /** Keys remembered; one that is dropped starts anew, with a full bucket. */
  readonly entries: number;
  readonly now: Clock;
}

/** One token bucket a key (an address, a ClientId), in bounded memory. */
export class RateByKey {
  readonly #buckets: BoundedMap<string, TokenBucket>;

  constructor(private readonly props: RateByKeyProps) {
    this.#buckets = new BoundedMap(props.entries);
  }

  /** @returns whether this one is within the rate; what is not takes nothing. */
  tryTake(key: string): boolean {
    return this.#bucket(key).tryTake();
  }

  #bucket(key: string): TokenBucket {
    const known = this.#buckets.get(key);
    if (known) return known;
    const made = new TokenBucket(this.props.rate, this.props.now);
    this.#buckets.set(key, made);
    return made;
  }
}
