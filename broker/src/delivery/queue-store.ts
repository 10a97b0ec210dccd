import type { Journal } from "../persistence/journal";
import { key } from "../persistence/key";
import { encodeMessage, type Message } from "./message";
import { encodeEntry, type QueueEntry } from "./queue-entry";

/** What one more session costs that a message waits for, in bytes: measured, its record in the store included. */
export const ENTRY_BYTES = 320;

/** The queues of all persistent sessions in the store, and the memory that they take. */
export class QueueStore {
  readonly journal: Journal;
  /** Bytes of the messages that wait in queues, each counted once, and of the entries. */
  bytes = 0;
  #sequence = 0;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** The last number that was given. */
  get last(): number {
    return this.#sequence;
  }

  /** A number above all before it. */
  next(): number {
    return (this.#sequence += 1);
  }

  /** Numbers up to this one are taken. */
  seen(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
  }

  /** One entry more needs the message. */
  hold(message: Message): void {
    if (message.references === 0) {
      // What the store held has no more than its own.
      if (message.sequence === 0) message.keep();
      this.bytes += message.size;
    }
    this.bytes += ENTRY_BYTES;
    message.references += 1;
  }

  /** One entry less needs it; the last one takes it along. */
  release(message: Message): void {
    message.references -= 1;
    this.bytes -= ENTRY_BYTES;
    if (message.references > 0) return;
    this.bytes -= message.size;
    if (message.sequence === 0) return;
    this.journal.delete(key.message(message.sequence));
    message.sequence = 0;
  }

  /**
   * Stores an entry, and its message unless another session's entry did.
   * @param queue where: `key.queue` of the session.
   */
  put(queue: string, entry: QueueEntry): void {
    const { message } = entry;
    if (message.sequence === 0) {
      message.sequence = this.next();
      this.journal.put(key.message(message.sequence), encodeMessage(message));
    }
    this.update(queue, entry);
  }

  /** Stores what changed of it. */
  update(queue: string, entry: QueueEntry): void {
    this.journal.put(key.queued(queue, entry.sequence), encodeEntry(entry));
  }

  delete(queue: string, entry: QueueEntry): void {
    this.journal.delete(key.queued(queue, entry.sequence));
  }
}
