import { LIMITS } from "../limits";
import type { Packet } from "../mqtt/packet";
import type { Done } from "./packet-context";

export interface InboxProps {
  /** Handles a packet and says when the next one may come, at once or later. */
  readonly handle: (packet: Packet, done: Done) => void;
  /** The client broke a rule or may not do what it asked for: its connection ends. */
  readonly onError: (error: Error) => void;
  /** Stops reading from the client while a packet is waited for, and goes on. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Something that had waited is handled: the client is not silent, it is we who make it wait. */
  readonly alive: () => void;
}

/** The number of this turn of the event loop, for all inboxes. */
let turn = 0;
let armed = false;
function currentTurn(): number {
  if (!armed) {
    armed = true;
    setImmediate(() => {
      armed = false;
      turn += 1;
    });
  }
  return turn;
}

/**
 * One read may hold thousands of small packets, and each message may have thousands of receivers: what one client sends is
 * handled for `handlingSliceMs` of a turn of the event loop, then it is everybody else's turn.
 *
 * The packets of one client, one after the other: a message that waits for its authorization is overtaken by none that came
 * after it, whatever their QoS [MQTT-4.6.0-6]. Nothing is handled before `open`, that is before CONNACK.
 */
export class Inbox {
  readonly #props: InboxProps;
  #waiting: Packet[] = [];
  #state: "closed" | "idle" | "handling" | "waiting" = "closed";
  /** The turn in which packets were handled last, and when in it they began to be, in milliseconds. */
  #turn = -1;
  #since = 0;

  constructor(props: InboxProps) {
    this.#props = props;
  }

  receive(packet: Packet): void {
    if (this.#state === "idle") return this.#handle(packet);
    this.#waiting.push(packet);
    if (this.#state === "closed" && this.#waiting.length > LIMITS.queuedBehindConnect)
      this.#props.onError(new Error(`more than ${LIMITS.queuedBehindConnect} packets behind the CONNECT`));
  }

  open(): void {
    if (this.#state !== "closed") return;
    this.#state = "idle";
    this.#drain();
  }

  /** The connection is gone. */
  close(): void {
    this.#state = "closed";
    this.#waiting = [];
  }

  #handle(packet: Packet): void {
    const now = currentTurn();
    if (this.#turn !== now) {
      this.#turn = now;
      this.#since = performance.now();
    }
    this.#state = "handling";
    this.#props.handle(packet, this.#done);
    const state = this.#state as string;
    const isSpent = state === "idle" && performance.now() - this.#since > LIMITS.handlingSliceMs;
    if (state !== "handling" && !isSpent) return;
    this.#state = "waiting";
    this.#props.pause();
    if (isSpent) setImmediate(this.#done);
  }

  readonly #done = (error?: Error | null): void => {
    const { onError, resume } = this.#props;
    if (this.#state === "closed") return;
    if (error) {
      this.close();
      return onError(error);
    }
    const waited = this.#state === "waiting";
    this.#state = "idle";
    if (!waited) return;
    this.#drain();
    if ((this.#state as string) === "idle") resume();
  };

  #drain(): void {
    this.#props.alive();
    let at = 0;
    // What waits may be thousands of packets of one read: by index, and no recursion.
    while (this.#state === "idle" && at < this.#waiting.length) this.#handle(this.#waiting[at++]!);
    this.#waiting = this.#waiting.slice(at);
  }
}
