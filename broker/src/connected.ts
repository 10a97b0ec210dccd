import type { Clock } from "./abuse/clock";
import { CountByKey } from "./abuse/count-by-key";
import { RateByKey } from "./abuse/rate-by-key";
import { LIMITS } from "./limits";

/** One accepted connection. */
interface Incumbent {
  readonly identity: string;
}

/** Who is connected under which ClientId, and what that says against one connection more. */
export class Connected {
  readonly #byClientId = new Map<string, Incumbent>();
  readonly #perIdentity: CountByKey;
  readonly #takeovers: RateByKey;

  constructor(
    private readonly limits: { readonly connectionsPerIdentity: number },
    now: Clock,
  ) {
    // A connection that takes another's place is there before the other one is gone: `fault` has the limit.
    this.#perIdentity = new CountByKey({ total: Infinity, perKey: Infinity });
    const rate = { perSecond: LIMITS.takeovers, burst: LIMITS.takeoversBurst };
    this.#takeovers = new RateByKey({ rate, entries: LIMITS.failureEntries, now });
  }

  /** Why this identity may not connect under this ClientId now; a takeover [MQTT-3.1.4-2] is counted. */
  fault(identity: string, clientId: string): string | undefined {
    const incumbent = this.#byClientId.get(clientId);
    if (!incumbent) {
      const open = this.#perIdentity.of(identity);
      return open >= this.limits.connectionsPerIdentity
        ? `the identity has ${open} connections, as many as it may`
        : undefined;
    }
    // A ClientId belongs to one identity (policy/client-id.ts): this is the second lock on that door.
    if (incumbent.identity !== identity) return "the session belongs to another identity";
    return this.#takeovers.tryTake(clientId) ? undefined : "too many takeovers of this ClientId";
  }

  /** @returns to be called when the connection is gone. */
  add(identity: string, clientId: string): () => void {
    const own: Incumbent = { identity };
    this.#byClientId.set(clientId, own);
    const free = this.#perIdentity.open(identity);
    return () => {
      if (typeof free === "function") free();
      if (this.#byClientId.get(clientId) === own) this.#byClientId.delete(clientId);
    };
  }
}
