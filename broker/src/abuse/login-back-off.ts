import { BoundedMap } from "./bounded-map";
import type { Clock } from "./clock";

/** Who tries to log in, as far as it is known before any work was done. */
export interface Attempt {
  readonly address: string;
  /** What the CONNECT says, unproven. */
  readonly userName: string;
  /** The handshake showed this very identity's certificate, and that it is good. */
  readonly certified: boolean;
}

export interface BackOffTimes {
  /** Failures that cost nothing. */
  readonly free: number;
  /** Milliseconds: the first wait, doubled with each further failure up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** Milliseconds without a failure after which all is forgotten. */
  readonly memory: number;
  /** Entries kept. */
  readonly entries: number;
}

interface Failures {
  count: number;
  last: number;
}

/**
 * Refuses logins without looking at them after too many failures. What is counted must not let an attacker lock out
 * whom he only names:
 *
 * - Without the identity's certificate the pair (address, identity) is counted. So the device itself, which shows its
 *   certificate, and the same name from elsewhere are not touched.
 * - With the certificate the identity alone is counted, from wherever: only who has its key can make it fail.
 * - A pair that logged in before is never refused unread: an attacker behind the same address as a client without a
 *   certificate cannot lock it out. (Reading it costs one SHA-256: passwords are 256 random bits.)
 */
export class LoginBackOff {
  readonly #failures: BoundedMap<string, Failures>;
  readonly #good: BoundedMap<string, true>;

  constructor(
    private readonly times: BackOffTimes,
    private readonly now: Clock,
  ) {
    this.#failures = new BoundedMap(times.entries);
    this.#good = new BoundedMap(times.entries);
  }

  /** @returns milliseconds for which this attempt is refused unread; 0: look at it. Changes nothing. */
  waitFor(attempt: Attempt): number {
    const key = keyOf(attempt);
    if (this.#good.get(key)) return 0;
    const failures = this.#current(key);
    if (!failures) return 0;
    const { free, first, longest } = this.times;
    const beyond = failures.count - free;
    if (beyond < 0) return 0;
    return Math.max(0, failures.last + Math.min(longest, first * 2 ** beyond) - this.now());
  }

  failed(attempt: Attempt): void {
    const key = keyOf(attempt);
    const count = (this.#current(key)?.count ?? 0) + 1;
    this.#failures.set(key, { count, last: this.now() });
  }

  /** Its failures are forgotten. */
  succeeded(attempt: Attempt): void {
    const key = keyOf(attempt);
    this.#failures.delete(key);
    if (!attempt.certified) this.#good.set(key, true);
  }

  #current(key: string): Failures | undefined {
    const failures = this.#failures.get(key);
    return failures && this.now() - failures.last < this.times.memory ? failures : undefined;
  }
}

/** A user name may be as long as a CONNECT: 64 characters, more than any identity has, tell all that exist apart. */
function keyOf({ address, userName, certified }: Attempt): string {
  const name = userName.length <= 64 ? userName : `${userName.slice(0, 64)}...`;
  return certified ? `identity ${name}` : `pair ${address} ${name}`;
}
