import type { Journal } from "../persistence/journal";
import { key } from "../persistence/key";
import { LIMITS } from "../limits";
import { decodeMessage, encodeMessage, type Message } from "./message";
import { TopicTree } from "./topic-tree";

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
  #bytes = 0;

  constructor(journal: Journal, limits: RetainedLimits = LIMITS) {
    this.#journal = journal;
    this.#limits = limits;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** Takes what the store held. */
  restore(record: Buffer): void {
    const message = decodeMessage(record);
    this.#messages.set(message.topic, message);
    this.#bytes += message.payload.length;
  }

  /**
   * Keeps the message as its topic's last one; without a payload it removes the one before [MQTT-3.3.1-10].
   * @returns false when it is one more than there may be. The one before stays then.
   */
  set(message: Message): boolean {
    const { topic } = message;
    const before = this.#messages.get(topic);
    const bytes = this.#bytes - (before?.payload.length ?? 0) + message.payload.length;
    if (message.payload.length === 0) {
      if (before) {
        this.#messages.delete(topic);
        this.#journal.delete(key.retained(topic));
        this.#bytes = bytes;
      }
      return true;
    }
    const { retainedMessages, retainedBytes } = this.#limits;
    if (bytes > retainedBytes || (!before && this.#messages.size >= retainedMessages)) return false;
    this.#journal.put(key.retained(topic), encodeMessage(message));
    this.#messages.set(topic, message);
    this.#bytes = bytes;
    return true;
  }

  /** What a new subscription to this filter is sent [MQTT-3.3.1-6]. */
  match(filter: string): readonly Message[] {
    return this.#messages.match(filter);
  }
}
