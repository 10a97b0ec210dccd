import type { Journal } from "../persistence/journal";
import { key } from "../persistence/key";
import { LIMITS } from "../limits";
import { decodeMessage, encodeMessage, type Message } from "./message";
import { LEVEL_BYTES } from "./level-bytes";
import { mostBytesOf, RetainedShares } from "./retained-shares";
import { TopicTree, type Matched } from "./topic-tree";

/** How many retained messages, and how many bytes of them, there may be. */
export interface RetainedLimits {
  readonly retainedMessages: number;
  readonly retainedBytes: number;
}

/** The last message with RETAIN of each topic (MQTT 3.1.1, 3.3.1.3). */
export class RetainedMessages {
  readonly #journal: Journal;
  readonly #limits: RetainedLimits;
  readonly #messages = new TopicTree<Message>();
  readonly #shares = new RetainedShares();
  /** Of the messages alone. */
  #bytes = 0;

  constructor(journal: Journal, limits: RetainedLimits = LIMITS) {
    this.#journal = journal;
    this.#limits = limits;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** Memory that they take, about. */
  get bytes(): number {
    return this.#bytes + this.#messages.levels * LEVEL_BYTES;
  }

  /** Takes what the store held. */
  restore(record: Buffer): void {
    const message = decodeMessage(record);
    this.#messages.set(message.topic, message);
    this.#bytes += message.size;
  }

  /**
   * Keeps the message as its topic's last one; without a payload it removes the one before [MQTT-3.3.1-10].
   * @param identity who published it; the broker's own messages are nobody's.
   * @returns false when it is one more than there may be, or than its identity may have. The one before stays then.
   */
  set(message: Message, identity?: string): boolean {
    const { topic } = message;
    const before = this.#messages.get(topic);
    if (message.payload.length === 0) {
      if (before) {
        this.#messages.delete(topic);
        this.#journal.delete(key.retained(topic));
        this.#bytes -= before.size;
        this.#shares.free(before);
      }
      return true;
    }
    if (!this.#hasRoom(message, before, identity)) return false;
    if (before) this.#shares.free(before);
    if (identity !== undefined) this.#shares.take(message, identity);
    this.#journal.put(key.retained(topic), encodeMessage(message));
    this.#messages.set(topic, message);
    this.#bytes += message.size - (before?.size ?? 0);
    return true;
  }

  /** What a new subscription to this filter is sent [MQTT-3.3.1-6]. */
  match(filter: string): Matched<Message> {
    return this.#messages.match(filter);
  }

  #hasRoom(message: Message, before: Message | undefined, identity: string | undefined): boolean {
    const { retainedMessages, retainedBytes } = this.#limits;
    const left = { messages: retainedMessages - this.#messages.size, bytes: retainedBytes - this.bytes };
    const messages = before ? 0 : 1;
    const bytes = before ? message.size - before.size : mostBytesOf(message);
    // It takes no more than the one before did, whatever the others take.
    if (before && bytes <= 0) return true;
    if (messages > left.messages || bytes > left.bytes) return false;
    return identity === undefined || this.#shares.hasRoom(identity, messages, bytes, left);
  }
}
