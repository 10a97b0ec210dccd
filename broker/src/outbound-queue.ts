import type { Duplex } from "node:stream";
import { LIMITS } from "./limits";
import { forgetLastPublish } from "./mqtt/encode-publish";

/** Packets that are kept each for itself: an acknowledgement of four bytes would keep 150 bytes of memory. */
const LOOSE = 512;

/** Bytes of one write, at most: who takes none of so many for `drainMs` does not read, or reads a modem's pace. */
const PIECE_BYTES = 128 * 1024;
/** Looks that are taken in `drainMs` at who does not read. */
const LOOKS = 3;

/** Every queue that has not ended. */
const open = new Set<OutboundQueue>();
let looking: NodeJS.Timeout | undefined;

/** Nothing may ever be sent again to who stopped reading: it must not keep what waits for it until then. */
function look(): void {
  for (const queue of open) queue.endIfStuck();
}
function enter(queue: OutboundQueue): void {
  open.add(queue);
  looking ??= setInterval(look, LIMITS.drainMs / LOOKS).unref();
}
function leave(queue: OutboundQueue): void {
  if (!open.delete(queue) || open.size > 0) return;
  clearInterval(looking);
  looking = undefined;
}

/** Every queue with something that was added in this turn of the event loop. */
let dirty: OutboundQueue[] = [];
/** Bytes that wait in all queues together. */
let total = 0;
/** Of those, so many before there are too many. */
let totalAtMost = LIMITS.outboundTotalBytes;

/** Deliveries run in the check phase: one more immediate runs behind all of this turn's. */
function flushDirty(): void {
  const now = dirty;
  dirty = [];
  for (const queue of now) queue.flush();
  forgetLastPublish();
}

/**
 * What waits to be sent to one client. What is added in one turn of the event loop leaves as one write: one TLS record, one
 * WebSocket frame, as far as it is no larger than a piece. One write is under way at a time; what comes meanwhile is the next one.
 *
 * It never makes its caller wait: a client that reads too slowly first loses messages at QoS 0, then its connection.
 */
export class OutboundQueue {
  /** Messages at QoS 0 that were not sent because the client was too slow. */
  dropped = 0;
  #chunks: Buffer[] = [];
  /** So many of the chunks, from the first, are gathered ones. */
  #gathered = 0;
  #queued = 0;
  #writing = 0;
  #writingSince = 0;
  #isDirty = false;
  #ended = false;
  #relieved: (() => void)[] = [];

  /** @param giveUp ends the connection of a client that is too slow. */
  constructor(
    readonly inner: Duplex,
    readonly giveUp: (error: Error) => void,
  ) {
    enter(this);
  }

  /** Bytes that the client has not taken yet. */
  get waiting(): number {
    return this.#queued + this.#writing;
  }

  /** Whether messages at QoS 0 are being dropped: what can wait elsewhere should. */
  get isCongested(): boolean {
    return this.waiting > LIMITS.outboundBytes || (total > totalAtMost && this.waiting > 0);
  }

  /** Resolves when the client has caught up; at once if it is not behind, and when it has gone. */
  relieved(): Promise<void> {
    if (!this.isCongested || this.#ended) return Promise.resolve();
    return new Promise((resolve) => this.#relieved.push(resolve));
  }

  /**
   * @param bytes one or more whole packets.
   * @param droppable a message at QoS 0.
   */
  add(bytes: Buffer, droppable: boolean): void {
    if (this.#ended) return;
    if (this.isCongested) {
      if (this.endIfStuck()) return;
      if (droppable) {
        this.dropped += 1;
        return;
      }
      const most = total > totalAtMost ? LIMITS.outboundCrowdedBytes : LIMITS.outboundMostBytes;
      if (this.waiting > most) return this.giveUp(new Error(`slow consumer: ${this.waiting} bytes wait for it`));
    }
    // Where no write is under way, one will be at the end of this turn.
    if (this.#chunks.push(bytes) - this.#gathered >= LOOSE && this.#writing > 0) this.#gather();
    this.#queued += bytes.length;
    total += bytes.length;
    if (!this.#isDirty && this.#writing === 0) {
      this.#isDirty = true;
      if (dirty.push(this) === 1) setImmediate(flushDirty);
    }
  }

  /** Ends the connection of a client that is behind and has not read for too long. @returns whether it did. */
  endIfStuck(): boolean {
    const isStuck = this.#writing > 0 && this.isCongested && performance.now() - this.#writingSince > LIMITS.drainMs;
    if (isStuck) this.giveUp(new Error(`slow consumer: has not read for ${LIMITS.drainMs} ms`));
    return isStuck;
  }

  /** Sends what waits, unless a write is under way: then that one's end does. */
  flush(): void {
    this.#isDirty = false;
    if (this.#writing > 0 || this.#queued === 0) return;
    const bytes = this.#take(PIECE_BYTES);
    this.#writing = bytes.length;
    this.#writingSince = performance.now();
    this.inner.write(bytes, this.#written);
  }

  /** Sends everything at once and takes no more. */
  end(): void {
    if (this.#queued > 0) {
      total -= this.#queued;
      this.inner.write(this.#take(Infinity));
    }
    this.discard();
  }

  /** Lets go of everything and takes no more. */
  discard(): void {
    if (this.#ended) return;
    this.#ended = true;
    leave(this);
    total -= this.waiting;
    this.#chunks = [];
    this.#gathered = 0;
    this.#queued = 0;
    this.#writing = 0;
    this.#relieve();
  }

  readonly #written = (): void => {
    if (this.#ended) return;
    total -= this.#writing;
    this.#writing = 0;
    if (this.#relieved.length > 0 && !this.isCongested) this.#relieve();
    this.flush();
  };

  /** Makes one chunk of those that came since the last time: each byte is copied once more, at most. */
  #gather(): void {
    const loose = this.#chunks.splice(this.#gathered);
    // Not of Node's pool, which would stay with all that was cut from it.
    const bytes = Buffer.allocUnsafeSlow(loose.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of loose) at += chunk.copy(bytes, at);
    this.#gathered = this.#chunks.push(bytes);
  }

  #take(most: number): Buffer {
    if (this.#queued > most) return this.#takePiece(most);
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#queued);
    this.#chunks = [];
    this.#gathered = 0;
    this.#queued = 0;
    return bytes;
  }

  /** Whole packets where there are any that fit; of a larger one the beginning. */
  #takePiece(most: number): Buffer {
    let count = 0;
    let size = 0;
    for (let next = this.#chunks[0]!.length; size + next <= most; next = this.#chunks[count]!.length) {
      size += next;
      count += 1;
    }
    if (count === 0) {
      const first = this.#chunks[0]!;
      this.#chunks[0] = first.subarray(most);
      this.#queued -= most;
      return first.subarray(0, most);
    }
    this.#gathered = Math.max(0, this.#gathered - count);
    this.#queued -= size;
    return Buffer.concat(this.#chunks.splice(0, count), size);
  }

  #relieve(): void {
    const waiting = this.#relieved;
    this.#relieved = [];
    for (const resolve of waiting) resolve();
  }
}

/** How many bytes may wait in all queues of this process together, which its memory decides. @default LIMITS */
export const boundOutboundTotal = (bytes: number): void => void (totalAtMost = bytes);

/** Bytes that wait for slow clients, all together. */
export const outboundTotal = (): number => total;
