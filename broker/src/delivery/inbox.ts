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
}

/**
 * The packets of one client, one after the other: a message that waits for its authorization is overtaken by none that came
 * after it, whatever their QoS [MQTT-4.6.0-6]. Nothing is handled before `open`, that is before CONNACK.
 */
export class Inbox {
  readonly #props: InboxProps;
  #waiting: Packet[] = [];
  #state: "closed" | "idle" | "handling" | "waiting" = "closed";

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
    this.#state = "handling";
    this.#props.handle(packet, this.#done);
    if ((this.#state as string) !== "handling") return;
    this.#state = "waiting";
    this.#props.pause();
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
    let at = 0;
    // What waits may be thousands of packets of one read: by index, and no recursion.
    while (this.#state === "idle" && at < this.#waiting.length) this.#handle(this.#waiting[at++]!);
    this.#waiting = this.#waiting.slice(at);
  }
}
