import { BoundedMap } from "./abuse/bounded-map";
import type { Clock } from "./abuse/clock";
import { PublishPace, type Paced } from "./abuse/publish-pace";
import { LIMITS } from "./limits";
import type { SiteLimits } from "./site-limits";

/** Holds every identity to its rate; all its connections together, and also when it comes back. */
export class PublishRates {
  readonly #paces: BoundedMap<string, PublishPace>;
  readonly #now: Clock;

  constructor(
    private readonly limits: Pick<SiteLimits, "publishRate" | "publishBytesRate" | "connections">,
    now?: Clock,
  ) {
    this.#paces = new BoundedMap(limits.connections);
    this.#now = now ?? (() => performance.now());
  }

  /**
   * @param go is called when it is this message's turn; not at all when it is too much.
   * @param onHeld is given what lets go of a message that waits.
   */
  pace(identity: string, bytes: number, go: () => void, onHeld?: (forget: () => void) => void): Paced {
    return this.#of(identity).pace(bytes, go, onHeld);
  }

  #of(identity: string): PublishPace {
    const known = this.#paces.get(identity);
    if (known) return known;
    const { publishRate, publishBytesRate } = this.limits;
    const rate = (perSecond: number) => ({ perSecond, burst: (perSecond * LIMITS.publishBurstMs) / 1000 });
    const limits = {
      messages: rate(publishRate),
      bytes: rate(publishBytesRate),
      throttledMs: LIMITS.publishThrottledMs,
    };
    const made = new PublishPace({ limits, now: this.#now });
    this.#paces.set(identity, made);
    return made;
  }
}
