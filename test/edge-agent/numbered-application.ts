import { connectAgent, type LocalClient } from "./local-client";

/** Sent and not acknowledged, at most. */
const WINDOW = 100;

/**
 * An application that numbers its messages, goes on under new numbers when the agent dies, and remembers which numbers the
 * agent accepted.
 */
export class NumberedApplication {
  /** Numbers that the agent acknowledged: on disk. */
  readonly accepted: number[] = [];
  /** Numbers of which nobody knows: the agent died before it answered. */
  readonly unknown: number[] = [];
  /** Numbers that the agent refused. */
  readonly refused: number[] = [];
  /** Looks again when a number was accepted. */
  #onAccepted: () => void = () => undefined;
  readonly #socket: string;
  readonly #topic: string;
  #next = 0;
  #client: LocalClient | undefined;

  constructor(socket: string, topic = "data/n") {
    this.#socket = socket;
    this.#topic = topic;
  }

  /** To be called when the agent says that it is ready. */
  async connect(): Promise<void> {
    this.#client = await connectAgent(this.#socket);
  }

  /** Resolves when `count` numbers were accepted in all. */
  async reached(count: number): Promise<void> {
    while (this.accepted.length < count) await new Promise<void>((resolve) => (this.#onAccepted = resolve));
  }

  /** Sends until `signal` aborts or the agent dies, `rate` messages a second at most. */
  async sendUntil(signal: AbortSignal, bytes = 0, rate = 1_000): Promise<void> {
    const client = this.#client!;
    let outstanding = 0;
    let dead = false;
    let wake: () => void = () => undefined;
    signal.addEventListener("abort", () => wake(), { once: true });
    const started = performance.now();
    let sent = 0;
    while (!signal.aborted && !dead) {
      if (outstanding >= WINDOW || sent > ((performance.now() - started) / 1000) * rate) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 5);
        });
        continue;
      }
      sent++;
      outstanding++;
      this.#send(client, bytes).then((alive) => {
        outstanding--;
        if (!alive) dead = true;
        wake();
      });
    }
    while (outstanding > 0 && !dead) await new Promise<void>((resolve) => (wake = resolve));
  }

  /** Sends `count` numbers, all at once as far as the agent takes them. */
  async send(count: number, bytes = 0): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#send(this.#client!, bytes)));
  }

  close(): void {
    this.#client?.close();
  }

  /** @returns whether the agent answered */
  async #send(client: LocalClient, bytes: number): Promise<boolean> {
    const number = this.#next++;
    try {
      await client.publish(this.#topic, `${number}`.padEnd(bytes));
      this.accepted.push(number);
      this.#onAccepted();
      return true;
    } catch (error) {
      const answered =
        typeof (error as { code?: unknown }).code === "string" && !/^E[A-Z]+$/.test((error as { code: string }).code);
      (answered ? this.refused : this.unknown).push(number);
      return answered;
    }
  }
}

/** A message's number. */
export const numberOf = ({ payload }: { readonly payload: Buffer }): number => Number(payload.toString());
