import type { Message } from "./message";
import type { QueueLimits } from "./queue-limits";
import type { QueueStore } from "./queue-store";

/** What one client's queue takes of memory, and what it may take: its own share, and what is left of everybody's. */
export class QueueRoom {
  /** Bytes of the messages in it. */
  #bytes = 0;

  constructor(
    private readonly store: QueueStore,
    private readonly limits: QueueLimits,
  ) {}

  /**
   * @param waiting messages in the queue that were not sent yet.
   * @param numbered those that have a packet identifier.
   * @param retain whether a new subscription is owed it: that may be more than what a client may miss.
   */
  has(message: Message, waiting: number, numbered: number, retain: boolean): boolean {
    const { queuedMessages, queuedBytes, queuedBytesInAll, queuedRetained } = this.limits;
    return (
      waiting < (retain ? queuedRetained : queuedMessages) &&
      numbered < queuedRetained &&
      this.#bytes + message.size <= queuedBytes &&
      this.store.bytes + message.size <= queuedBytesInAll
    );
  }

  take(message: Message): void {
    this.store.hold(message);
    this.#bytes += message.size;
  }

  free(message: Message): void {
    this.#bytes -= message.size;
    this.store.release(message);
  }
}
