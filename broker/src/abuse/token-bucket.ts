import type { Clock } from "./clock";

export interface Rate {
  /** Sustained. */
  readonly perSecond: number;
  /** At once. */
  readonly burst: number;
}

/**
 * A token bucket: fills with `perSecond` up to `burst`. It may be taken from what it does not have, and says how long it
 * takes to be paid back; so whoever waits that long keeps to the rate exactly.
 */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor(
    readonly rate: Rate,
    private readonly now: Clock,
  ) {
    this.#tokens = rate.burst;
    this.#at = now();
  }

  /** Takes only what is there. @returns whether it was there. */
  tryTake(count = 1): boolean {
    this.#fill();
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }

  /** Takes it in any case. @returns milliseconds until it is paid back; 0 when it was there. */
  take(count = 1): number {
    this.#fill();
    this.#tokens -= count;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.rate.perSecond) * 1000;
  }

  #fill(): void {
    const now = this.now();
    const { perSecond, burst } = this.rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
  }
}
