import type { QueueEntry } from "./queue-entry";
import { STATE } from "./queue-entry";
import type { QueueExit } from "./queue-exit";

/**
 * What a client did not acknowledge on its former connection: sent once more on this one, in its order, with DUP and under
 * the same identifier [MQTT-4.4.0-1] [MQTT-3.3.1-1]; where the client had received it, PUBREL alone.
 */
export class Redelivery {
  /** The next one last. */
  #left: (readonly [packetId: number, entry: QueueEntry])[] = [];

  /** @param byId every entry that has a packet identifier, in its order. */
  constructor(
    private readonly byId: ReadonlyMap<number, QueueEntry>,
    private readonly exit: QueueExit,
  ) {}

  get isOver(): boolean {
    return this.#left.length === 0;
  }

  /** Whether the one under this identifier still has to leave once more. */
  isOwed(packetId: number): boolean {
    return this.#left.some(([owed]) => owed === packetId);
  }

  /** The client is there. */
  begin(): void {
    this.#left = [...this.byId].filter(([, { state }]) => state !== STATE.waiting).reverse();
  }

  /** The client is gone. */
  end(): void {
    this.#left = [];
  }

  /**
   * No faster than the client reads: all at once, a window of large messages would be too much for it each time.
   * @returns whether all of it has left.
   */
  advance(): boolean {
    for (let next = this.#left.at(-1); next; next = this.#left.at(-1)) {
      const [packetId, entry] = next;
      // It may have been acknowledged meanwhile.
      if (this.byId.get(packetId) === entry) {
        if (this.exit.isCongested) return false;
        const { message, qos, retain, state } = entry;
        if (state === STATE.sent) this.exit.publish(message, qos, retain, packetId, true);
        else this.exit.release(packetId);
      }
      this.#left.pop();
    }
    return true;
  }
}
