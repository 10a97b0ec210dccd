import { mkdir, type open } from "node:fs/promises";
import type { QueueBounds } from "../../../policy/edge-device";
import type { Report } from "../report";
import { claimQueue, type QueueOwner } from "./claim-queue";
import { createMessageAges, type MessageAges } from "./message-ages";
import { QueueReader } from "./queue-reader";
import { type QueueState, type ReportEvent, totalBytes } from "./queue-state";
import { QueueWriter } from "./queue-writer";
import type { QueuedMessage, StoredMessage } from "./record";
import { RefusedMessages } from "./refused-messages";
import { recover, removeDone } from "./recover";

export interface MessageQueueProps {
  readonly folder: string;
  readonly owner: QueueOwner;
  readonly bounds: QueueBounds;
  /** The device's time, ms. */
  readonly now: () => number;
  /** Has network time set it since the boot? @default never */
  readonly isSynchronised?: () => boolean;
  /** A clock that nobody sets, ms. @default performance.now */
  readonly monotonic?: () => number;
  readonly report: ReportEvent;
  /** Least time from one sync to the next, ms. @default 20 */
  readonly commitMs?: number;
  /** How a segment is opened for writing. */
  readonly openFile?: typeof open;
}

const HOUR = 3_600_000;

/**
 * Messages between the applications of a device and its broker: on disk before they are acknowledged to the application,
 * read in order, gone when the broker acknowledged them. An append-only log in segments, bounded by size and age.
 * Files: docs/edge-agent.md.
 */
export class MessageQueue {
  readonly #props: MessageQueueProps;
  readonly #state: QueueState;
  readonly #report: ReportEvent;
  readonly #writer: QueueWriter;
  readonly #reader: QueueReader;
  readonly #ages: MessageAges;
  readonly #waiters = new Set<() => void>();
  #removing: Promise<void> = Promise.resolve();
  readonly #aside: RefusedMessages;
  #accepted = 0;
  #dropped = 0;
  #refused = 0;

  private constructor(props: MessageQueueProps, state: QueueState) {
    this.#props = props;
    this.#state = state;
    this.#aside = new RefusedMessages(props.folder);
    const report: ReportEvent = (event) => {
      if (event.kind === "dropped") this.#dropped += event.last - event.first + 1;
      if (event.kind === "damaged") this.#dropped += event.lost;
      if (event.kind === "refused-dropped") this.#dropped += event.count;
      props.report(event);
    };
    this.#report = report;
    const { isSynchronised = () => false } = props;
    this.#ages = createMessageAges({ ...props, isSynchronised });
    this.#reader = new QueueReader(state, report);
    this.#writer = new QueueWriter({
      ...props,
      commitMs: props.commitMs ?? 20,
      isSynchronised,
      ages: this.#ages,
      state,
      report,
    });
    this.#writer.onCommit = () => {
      for (const wake of this.#waiters) wake();
    };
  }

  /** @throws AgentFault when the queue is of a newer version or another device's; nothing was touched then */
  static async open(props: MessageQueueProps): Promise<MessageQueue> {
    await mkdir(props.folder, { recursive: true, mode: 0o700 });
    await claimQueue(props.folder, props.owner);
    return new MessageQueue(props, await recover(props.folder, props.report));
  }

  /** @returns when the message is on disk. @throws QueueFull, or what the disk said */
  async append(message: QueuedMessage): Promise<void> {
    await this.#writer.append(message);
    this.#accepted++;
  }

  /** Reading begins anew at the first message that was not acknowledged. One reader at a time. */
  rewind(): Promise<void> {
    return this.#reader.rewind();
  }

  /** @returns the next messages, in order; none at the end */
  read(): Promise<readonly StoredMessage[]> {
    return this.#reader.read();
  }

  /** Resolves when more messages are on disk, or `signal` aborts. */
  more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiters.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.#waiters.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  /** Everything up to and including `seq` is at the broker: it may go. */
  acknowledge(seq: number): void {
    if (seq < this.#state.acknowledged) return;
    this.#state.acknowledged = seq + 1;
    this.#ages.forget(seq + 1);
    this.#writer.noteAcknowledged();
    const next = this.#state.segments[1];
    if (next && next.base <= this.#state.acknowledged)
      this.#removing = this.#removing
        .then(() => removeDone(this.#state, this.#writer.writing))
        // A disk that turned read-only: what was not removed is found, and known to be sent, at the next start.
        .catch((error: unknown) =>
          this.#report({ kind: "disk-failed", error: error instanceof Error ? error : new Error(String(error)) }),
        );
  }

  /**
   * Sets a message aside that the broker refuses, counted and reported. It is still to be acknowledged, in its turn.
   * @returns when it is on disk; false if the disk did not take it: then nobody may acknowledge it
   */
  async refuse(message: StoredMessage): Promise<boolean> {
    const { topic, seq } = message;
    let count: number;
    try {
      count = await this.#aside.keep(message);
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      this.#report({ kind: "refused-stays", topic, seq, error: reason });
      return false;
    }
    if (count > 0) this.#report({ kind: "refused-dropped", count });
    this.#refused++;
    this.#report({ kind: "refused", topic, seq });
    return true;
  }

  /** Is this message older than the queue may hold? */
  isExpired(message: StoredMessage): boolean {
    return this.#ages.of(message) > this.#props.bounds.maxAgeHours * HOUR;
  }

  /** Drops messages that are too old, counted and reported. */
  dropExpired(first: number, last: number): void {
    this.#dropped += last - first + 1;
    this.#props.report({ kind: "dropped", why: "age", first, last });
    this.acknowledge(last);
  }

  /** Drops what is too old while no broker is there. Only between two uses of the reader. */
  async expire(): Promise<void> {
    await this.rewind();
    for (;;) {
      const messages = await this.read();
      const fresh = messages.findIndex((message) => !this.isExpired(message));
      const expired = fresh === -1 ? messages : messages.slice(0, fresh);
      if (expired.length > 0) this.dropExpired(expired[0]!.seq, expired.at(-1)!.seq);
      if (fresh !== -1 || messages.length === 0) return this.rewind();
    }
  }

  /** What the health report says of it. */
  stats(): Omit<Report["queue"], "sent"> {
    const { nextSeq, acknowledged } = this.#state;
    return {
      waiting: nextSeq - acknowledged,
      bytes: totalBytes(this.#state),
      accepted: this.#accepted,
      dropped: this.#dropped,
      refused: this.#refused,
    };
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#removing;
    await this.#reader.close();
  }
}
