import { type FileHandle, open } from "node:fs/promises";
import { endOf, type QueueState, type ReportEvent, type Segment } from "./queue-state";
import { decodeAt, findRecord, LARGEST_RECORD, type StoredMessage } from "./record";
import { decodeHeader, HEADER } from "./segment-header";
import { setAside } from "./set-aside";

/** Bytes read at a time. A record that does not fit is read again by itself: few are this long. */
const CHUNK = 64 * 1024;

interface Place {
  readonly segment: Segment;
  readonly handle: FileHandle;
  /** Bytes of the segment that were read. */
  offset: number;
}

/** Reads messages in order from the first one that nobody acknowledged, over whatever damage there is. */
export class QueueReader {
  readonly #state: QueueState;
  readonly #report: ReportEvent;
  #place: Place | undefined;
  /** Number of the next message to read. */
  #expected: number;
  /** Damage that was reported: a reader that goes back meets it again. */
  readonly #known = new Set<string>();

  constructor(state: QueueState, report: ReportEvent) {
    this.#state = state;
    this.#report = report;
    this.#expected = state.acknowledged;
  }

  /** Goes back to the first message that was not acknowledged. */
  async rewind(): Promise<void> {
    await this.close();
    this.#expected = this.#state.acknowledged;
  }

  async close(): Promise<void> {
    await this.#place?.handle.close();
    this.#place = undefined;
  }

  /** @returns the next messages, some hundred KiB at most; none at the end of what is on disk */
  async read(): Promise<readonly StoredMessage[]> {
    for (;;) {
      const place = this.#place ?? (await this.#enter());
      if (!place) return [];
      if (!this.#state.segments.includes(place.segment)) {
        await this.close();
        continue;
      }
      // In one moment with the look at the segment: a message accepted later belongs to the next read.
      const end = endOf(this.#state, place.segment);
      const isLast = this.#state.segments.at(-1) === place.segment;
      const left = place.segment.bytes - place.offset;
      if (left <= 0) {
        if (isLast) return [];
        if (end > this.#expected) await this.#damaged(place.segment, place.offset, Buffer.alloc(0), end);
        await this.close();
        this.#expected = Math.max(this.#expected, end);
        continue;
      }
      const messages = await this.#readChunk(place, left, end);
      if (messages.length > 0) return messages;
    }
  }

  /** Opens the segment that holds the next message, or the first one behind it. */
  async #enter(): Promise<Place | undefined> {
    this.#expected = Math.max(this.#expected, this.#state.acknowledged);
    const segment = this.#state.segments.find((each) => endOf(this.#state, each) > this.#expected);
    if (!segment) return undefined;
    const handle = await open(segment.path, "r").catch((error: NodeJS.ErrnoException) => {
      // It gave way to the bound this moment.
      if (error.code === "ENOENT" && !this.#state.segments.includes(segment)) return undefined;
      throw error;
    });
    if (!handle) return this.#enter();
    this.#place = { segment, handle, offset: HEADER };
    if (segment.base > this.#expected) await this.#damaged(segment, 0, Buffer.alloc(0), segment.base);
    const head = await readAt(handle, 0, Math.min(HEADER, segment.bytes));
    if (decodeHeader(head) === "damaged") await this.#damaged(segment, 0, head, this.#expected);
    return this.#place;
  }

  async #readChunk(place: Place, left: number, end: number): Promise<readonly StoredMessage[]> {
    let bytes = await readAt(place.handle, place.offset, Math.min(CHUNK, left));
    if (decodeAt(bytes, 0) === "incomplete" && bytes.length < left)
      bytes = await readAt(place.handle, place.offset, Math.min(LARGEST_RECORD, left));
    const messages: StoredMessage[] = [];
    let at = 0;
    while (at < bytes.length) {
      const found = decodeAt(bytes, at);
      if (typeof found === "object") {
        if (found.entry.kind === "message") this.#take(found.entry.message, end, messages);
        at = found.next;
        continue;
      }
      // Cut by the chunk's end, not by damage: the next read has all of it.
      if (found === "incomplete" && at > 0 && bytes.length < left) break;
      // What is whole goes first, so that order and numbers stay true.
      if (messages.length === 0) at = await this.#stepOver(place, at, left, end);
      break;
    }
    place.offset += at;
    return messages;
  }

  #take(message: StoredMessage, end: number, messages: StoredMessage[]): void {
    // Written, but refused to its application because the sync failed; or acknowledged before.
    if (message.seq < this.#expected || message.seq >= end) return;
    this.#expected = message.seq + 1;
    messages.push(message);
  }

  /** Sets aside what is no record. @returns where the next record begins, from the place's offset on */
  async #stepOver(place: Place, at: number, left: number, end: number): Promise<number> {
    const rest = await readAt(place.handle, place.offset + at, left - at);
    const next = findRecord(rest, 1);
    const bytes = next === undefined ? rest : rest.subarray(0, next);
    await this.#damaged(place.segment, place.offset + at, bytes, next === undefined ? end : nextSeq(rest, next, end));
    return at + bytes.length;
  }

  /** @param until number of the first message behind the damage */
  async #damaged(segment: Segment, offset: number, bytes: Buffer, until: number): Promise<void> {
    const lost = Math.max(0, until - this.#expected);
    this.#expected = Math.max(this.#expected, until);
    const key = `${segment.path}:${offset}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    // On a full disk there is no room for a copy. The loss is told all the same, and what is whole goes on and makes room.
    const aside =
      bytes.length > 0 ? await setAside(this.#state.folder, segment.path, offset, bytes).catch(() => "") : "";
    this.#report({ kind: "damaged", path: segment.path, offset, bytes: bytes.length, lost, aside });
  }
}

/** Number of the first message in `bytes` at or behind a whole record; `end` if there is none. */
function nextSeq(bytes: Buffer, from: number, end: number): number {
  for (let at: number | undefined = from; at !== undefined;) {
    const found = decodeAt(bytes, at);
    if (typeof found === "string") return end;
    if (found.entry.kind === "message") return Math.min(found.entry.message.seq, end);
    at = found.next < bytes.length ? found.next : undefined;
  }
  return end;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}
