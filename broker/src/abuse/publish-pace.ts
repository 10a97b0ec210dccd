import type { Clock } from "./clock";
import { TokenBucket, type Rate } from "./token-bucket";

export interface PaceLimits {
  readonly messages: Rate;
  readonly bytes: Rate;
  /** Milliseconds of being held back without a pause after which it is too much. */
  readonly throttledMs: number;
}

/** How one identity's messages are held to its rate. */
export interface PaceProps {
  readonly limits: PaceLimits;
  readonly now: Clock;
  /** Calls once, `ms` later. @default setTimeout */
  readonly later?: (ms: number, call: () => void) => void;
}

/** Milliseconds: a shorter wait is not worth a timer; it is owed, and makes the next one longer. */
const SLACK_MS = 5;

const nothing = (): void => undefined;

/** "held back": it goes later, and is the first to wait since nothing did. */
export type Paced = "now" | "held back" | "later" | "too much";

/**
 * Back-pressure for one identity: what is above its rate is let go later, in its order, and as long as something waits
 * Aedes reads no more of that client. What waits is bounded by what was read at once, 64 KiB a connection.
 */
export class PublishPace {
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #waiting: { readonly due: number; go: () => void }[] = [];
  readonly #later: NonNullable<PaceProps["later"]>;
  #throttledSince: number | undefined;

  constructor(private readonly props: PaceProps) {
    const { limits, now } = props;
    this.#messages = new TokenBucket(limits.messages, now);
    this.#bytes = new TokenBucket(limits.bytes, now);
    this.#later = props.later ?? ((ms, call) => void setTimeout(call, ms).unref());
  }

  /**
   * @param go is called at once, or when it is this message's turn; not at all when it is too much.
   * @param onHeld is given what lets go of a message that waits, and does not call `go` then.
   */
  pace(bytes: number, go: () => void, onHeld?: (forget: () => void) => void): Paced {
    const now = this.props.now();
    const wait = Math.max(this.#messages.take(), this.#bytes.take(bytes));
    if (wait <= SLACK_MS && this.#waiting.length === 0) {
      if (wait === 0) this.#throttledSince = undefined;
      go();
      return "now";
    }
    const first = this.#throttledSince === undefined;
    this.#throttledSince ??= now;
    if (now - this.#throttledSince >= this.props.limits.throttledMs) return "too much";
    const held = { due: now + wait, go };
    this.#waiting.push(held);
    // Its place stays: what it took of the rate is not given back.
    onHeld?.(() => (held.go = nothing));
    if (this.#waiting.length === 1) this.#arm();
    return first ? "held back" : "later";
  }

  #arm(): void {
    const [head] = this.#waiting;
    if (head) this.#later(Math.max(1, head.due - this.props.now()), () => this.#release());
  }

  #release(): void {
    const now = this.props.now();
    // Half a millisecond of tolerance: timers are no finer, and one message a timer would be slower than the rate.
    while (this.#waiting.length > 0 && this.#waiting[0]!.due <= now + 0.5) this.#waiting.shift()!.go();
    this.#arm();
  }
}
