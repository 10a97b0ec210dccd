import type { Message } from "./message";
import type { QueueLimits } from "./queue-limits";
import { ENTRY_BYTES, type QueueStore } from "./queue-store";
import type { Share } from "./share";

/**
 * Of the room that is left for all, an identity may have this part. It is the same for everybody at any moment (the dynamic
 * threshold of shared-memory switches), so who holds most is the first to lose its newest messages, without being looked for;
 * and each greedy identity takes a ninth of what the others left: behind ten of them there is still a third.
 */
const PART = 1 / 8;

/** What one client's queue takes of memory, and what it may take: its own share, and what is left of everybody's. */
export class QueueRoom {
  /** Bytes of the messages in it. */
  #bytes = 0;

  constructor(
    private readonly store: QueueStore,
    private readonly limits: QueueLimits,
    private readonly share: Share,
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
      this.share.bytes + message.size <= PART * (queuedBytesInAll - this.store.bytes)
    );
  }

  take(message: Message): void {
    this.store.hold(message);
    this.#bytes += message.size;
    this.share.bytes += message.size + ENTRY_BYTES;
  }

  free(message: Message): void {
    this.#bytes -= message.size;
    this.share.bytes -= message.size + ENTRY_BYTES;
    this.store.release(message);
  }
}
