import type { Journal } from "../persistence/journal";
import { key } from "../persistence/key";
import { LIMITS } from "../limits";
import { decodeMessage, encodeMessage, type Message } from "./message";
import { TopicTree, type Matched } from "./topic-tree";

/** What a topic level costs in memory, in bytes, about: measured, for the budget alone. */
const LEVEL_BYTES = 300;

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
   * @returns false when it is one more than there may be. The one before stays then.
   */
  set(message: Message): boolean {
    const { topic } = message;
    const before = this.#messages.get(topic);
    if (message.payload.length === 0) {
      if (before) {
        this.#messages.delete(topic);
        this.#journal.delete(key.retained(topic));
        this.#bytes -= before.size;
      }
      return true;
    }
    if (!this.#hasRoom(message, before)) return false;
    this.#journal.put(key.retained(topic), encodeMessage(message));
    this.#messages.set(topic, message);
    this.#bytes += message.size - (before?.size ?? 0);
    return true;
  }

  /** What a new subscription to this filter is sent [MQTT-3.3.1-6]. */
  match(filter: string): Matched<Message> {
    return this.#messages.match(filter);
  }

  #hasRoom(message: Message, before: Message | undefined): boolean {
    const { retainedMessages, retainedBytes } = this.#limits;
    if (before) return message.size <= before.size || this.bytes + message.size - before.size <= retainedBytes;
    // At most: levels that other topics have, too, are there already.
    const levels = message.topic.split("/").length * LEVEL_BYTES;
    return this.#messages.size < retainedMessages && this.bytes + message.size + levels <= retainedBytes;
  }
}
