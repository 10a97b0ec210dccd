import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { QueueBounds } from "../../../policy/edge-device";
import type { MessageAges } from "./message-ages";
import { QueueFull } from "./queue-full";
import { endOf, type QueueState, type ReportEvent, type Segment, totalBytes } from "./queue-state";
import { encodeAcknowledged, encodeMessage, LARGEST_RECORD, type QueuedMessage, recordBytes } from "./record";
import { encodeHeader, HEADER, segmentName } from "./segment-header";

/** Bytes written and synced at a time, at most: what is lost to an application if the disk refuses. */
const BATCH_BYTES = 1024 * 1024;

/** How long a note of what was acknowledged may wait for a batch to go with, ms: one small write a second at most. */
const NOTE_MS = 1_000;

interface Waiting {
  readonly message: QueuedMessage;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

export interface QueueWriterProps {
  readonly state: QueueState;
  readonly bounds: QueueBounds;
  /** Least time from one sync to the next, ms: what bounds the wear of the flash. */
  readonly commitMs: number;
  readonly now: () => number;
  readonly isSynchronised: () => boolean;
  readonly ages: MessageAges;
  readonly report: ReportEvent;
  /** How a segment is opened. */
  readonly openFile?: typeof open;
}

/** Puts messages on disk: many at a time, and none is acknowledged before the disk said that it has it. */
export class QueueWriter {
  readonly #props: QueueWriterProps;
  readonly #segmentBytes: number;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #active: { readonly segment: Segment; readonly handle: FileHandle } | undefined;
  #running: Promise<void> | undefined;
  #noted: number;
  #note: NodeJS.Timeout | undefined;
  #failing = false;
  #closed = false;
  /** Called after each batch that is on disk. */
  onCommit: () => void = () => undefined;

  constructor(props: QueueWriterProps) {
    this.#props = props;
    this.#noted = props.state.acknowledged;
    this.#segmentBytes = Math.min(4 * 1024 * 1024, Math.max(256 * 1024, Math.floor(props.bounds.maxBytes / 16)));
  }

  /** The segment that is being written. */
  get writing(): Segment | undefined {
    return this.#active?.segment;
  }

  /** @returns when the message is on disk. @throws QueueFull, or what the disk said */
  append(message: QueuedMessage): Promise<void> {
    const { state, bounds } = this.#props;
    const bytes = recordBytes(message);
    if (this.#closed) return Promise.reject(new Error("the queue is closed"));
    // It would be damage to whoever reads it.
    if (bytes > LARGEST_RECORD) return Promise.reject(new Error(`a record has at most ${LARGEST_RECORD} bytes`));
    if (bounds.overflow === "refuse-new" && totalBytes(state) + HEADER + this.#waitingBytes + bytes > bounds.maxBytes)
      return Promise.reject(new QueueFull(bounds.maxBytes));
    this.#waitingBytes += bytes;
    return new Promise((done, failed) => {
      this.#waiting.push({ message, done, failed });
      this.#run();
    });
  }

  /** Lets the disk know, before long, what a broker has acknowledged. */
  noteAcknowledged(): void {
    if (this.#closed) return;
    this.#note ??= setTimeout(() => {
      this.#note = undefined;
      this.#run();
    }, NOTE_MS);
  }

  /** Writes what waits, and closes the file. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#note);
    this.#note = undefined;
    this.#run();
    await this.#running;
    await this.#active?.handle.close();
    this.#active = undefined;
  }

  #run(): void {
    this.#running ??= this.#commitAll().finally(() => (this.#running = undefined));
  }

  async #commitAll(): Promise<void> {
    // What this turn of the event loop still brings goes into the same batch.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const started = performance.now();
      const batch = this.#takeBatch();
      const note = this.#props.state.acknowledged > this.#noted;
      if (batch.length === 0 && !(note && this.#note === undefined)) return;
      await this.#commit(batch);
      const rest = this.#props.commitMs - (performance.now() - started);
      if (rest > 0 && !this.#closed) await pause(rest);
    }
  }

  #takeBatch(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { message } of this.#waiting) {
      if (count > 0 && bytes + recordBytes(message) > BATCH_BYTES) break;
      bytes += recordBytes(message);
      count++;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const { state, now, isSynchronised, ages, report } = this.#props;
    try {
      const time = now();
      const certain = isSynchronised();
      if (batch.length > 0) ages.accepted(state.nextSeq);
      const records = batch.map(({ message }, index) => encodeMessage(message, state.nextSeq + index, time, certain));
      const acknowledged = state.acknowledged;
      if (acknowledged > this.#noted) records.push(encodeAcknowledged(acknowledged, time));
      await this.#write(Buffer.concat(records), batch.length);
      this.#noted = acknowledged;
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      if (!(reason instanceof QueueFull)) {
        this.#failing = true;
        report({ kind: "disk-failed", error: reason });
      }
      for (const { failed } of batch) failed(reason);
      // Without messages there is nobody to hear of it: the next batch tries again.
      this.#noted = Math.max(this.#noted, state.acknowledged);
      return;
    }
    if (this.#failing) report({ kind: "disk-works" });
    this.#failing = false;
    for (const { done } of batch) done();
    this.onCommit();
  }

  /** Appends to the active segment, or begins one. On any error that segment is never written to again. */
  async #write(bytes: Buffer, messages: number): Promise<void> {
    const { state } = this.#props;
    if (this.#active && this.#active.segment.bytes + bytes.length > this.#segmentBytes) await this.#endSegment();
    await this.#makeRoom(bytes.length + HEADER);
    const fresh = this.#active === undefined;
    const { segment, handle } = (this.#active ??= await this.#beginSegment());
    const { base } = segment;
    const all = fresh ? Buffer.concat([encodeHeader({ base, acknowledged: state.acknowledged }), bytes]) : bytes;
    try {
      await writeAll(handle, all, segment.bytes);
      await handle.datasync();
      if (fresh) await syncFolder(state.folder);
    } catch (error) {
      // After a failed sync nobody knows what is on disk: what was not acknowledged is cut off, as far as that still works.
      await handle.truncate(segment.bytes).catch(() => undefined);
      await this.#endSegment().catch(() => undefined);
      if (fresh) await rm(segment.path, { force: true }).catch(() => undefined);
      throw error;
    }
    // In one step: a reader must never see the bytes without the numbers.
    if (fresh) state.segments.push(segment);
    segment.bytes += all.length;
    state.nextSeq += messages;
  }

  async #beginSegment(): Promise<{ readonly segment: Segment; readonly handle: FileHandle }> {
    const { state, openFile = open } = this.#props;
    const path = join(state.folder, segmentName(state.nextSeq));
    const last = state.segments.at(-1);
    // A last segment without a message of its own has the name that the new one needs.
    if (last?.path === path) {
      state.segments.pop();
      await rm(path, { force: true });
    }
    const handle = await openFile(path, "wx", 0o600);
    return { segment: { base: state.nextSeq, path, bytes: 0 }, handle };
  }

  async #endSegment(): Promise<void> {
    const { handle } = this.#active!;
    this.#active = undefined;
    await handle.close();
  }

  /** Drops the oldest segments until the new bytes fit within the bound. */
  async #makeRoom(bytes: number): Promise<void> {
    const { state, bounds, report } = this.#props;
    while (totalBytes(state) + bytes > bounds.maxBytes && state.segments.length > 0) {
      const oldest = state.segments[0]!;
      if (oldest === this.#active?.segment) {
        await this.#endSegment();
        continue;
      }
      const last = endOf(state, oldest) - 1;
      const first = Math.max(oldest.base, state.acknowledged);
      // What was accepted is only ever lost to the policy that the site declared.
      if (last >= first && bounds.overflow === "refuse-new") throw new QueueFull(bounds.maxBytes);
      state.segments.shift();
      if (last >= first) {
        state.acknowledged = last + 1;
        report({ kind: "dropped", why: "size", first, last });
      }
      await rm(oldest.path, { force: true });
    }
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** A new file survives a power cut only when its folder is on disk, too. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
