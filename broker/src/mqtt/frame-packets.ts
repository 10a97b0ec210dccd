import { firstByteFault } from "./decode-packet";
import { PacketRefused } from "./packet-refused";

/** One packet, cut out of the stream. */
export interface Frame {
  /** Type and flags. */
  readonly byte: number;
  /** Everything behind the remaining length; a view of the chunk where the packet came in one. */
  readonly body: Buffer;
}

const NOTHING = Buffer.alloc(0);
/** Bytes: what a packet that comes in pieces is first collected in. */
const FIRST_COLLECTOR = 512;

/**
 * Cuts a byte stream into packets (MQTT 3.1.1, section 2.2), however it is fragmented. Refuses on the fixed header what is
 * too large or not allowed, before any of it is kept, and never keeps more than twice what was received.
 */
export class FramePackets {
  #first = true;
  /** Where `next` stopped reading: behind the frame, or at the end of the chunk. */
  offset = 0;
  #byte = -1;
  #size = 0;
  #lengthBytes = 0;
  #lengthKnown = false;
  #collector: Buffer | undefined;
  #collected = 0;

  /** @param limit bytes of the largest packet allowed, fixed header included; may be changed between packets. */
  constructor(public limit: number) {}

  /**
   * Reads on from `from` up to the end of the next packet.
   * @returns the packet, or undefined if the chunk ended before it.
   * @throws PacketRefused
   */
  next(chunk: Buffer, from: number): Frame | undefined {
    this.offset = from;
    if (!this.#lengthKnown && !this.#readHeader(chunk)) return undefined;
    const body = this.#readBody(chunk);
    if (!body) return undefined;
    const frame = { byte: this.#byte, body };
    this.#first = false;
    this.#byte = -1;
    this.#size = 0;
    this.#lengthBytes = 0;
    this.#lengthKnown = false;
    return frame;
  }

  #readHeader(chunk: Buffer): boolean {
    if (this.#byte === -1) {
      if (this.offset === chunk.length) return false;
      this.#byte = chunk[this.offset++]!;
      const fault = firstByteFault(this.#byte, this.#first);
      if (fault !== undefined) throw new PacketRefused(fault);
    }
    while (this.offset < chunk.length) {
      const byte = chunk[this.offset++]!;
      this.#size |= (byte & 0x7f) << (7 * this.#lengthBytes++);
      if (byte < 0x80) {
        this.#lengthKnown = true;
        const total = 1 + this.#lengthBytes + this.#size;
        if (total > this.limit) throw new PacketRefused(`a packet of ${total} bytes is larger than ${this.limit}`);
        return true;
      }
      // Section 2.2.3: four bytes at most.
      if (this.#lengthBytes === 4)
        throw new PacketRefused("the remaining length has more than four bytes [MQTT-4.8.0-1]");
    }
    return false;
  }

  #readBody(chunk: Buffer): Buffer | undefined {
    const size = this.#size;
    if (size === 0) return NOTHING;
    const start = this.offset;
    if (!this.#collector && chunk.length - start >= size) {
      this.offset = start + size;
      return chunk.subarray(start, this.offset);
    }
    const end = Math.min(chunk.length, start + size - this.#collected);
    this.offset = end;
    const bytes = end - start;
    this.#collect(chunk, start, bytes);
    if (this.#collected < size) return undefined;
    const body = this.#collector!.subarray(0, size);
    this.#collector = undefined;
    this.#collected = 0;
    return body;
  }

  /** Grows by doubling: neither is a size that was only announced allocated, nor is every piece kept as an object. */
  #collect(chunk: Buffer, start: number, bytes: number): void {
    const needed = this.#collected + bytes;
    if (bytes === 0) return;
    if (!this.#collector || this.#collector.length < needed) {
      const capacity = Math.min(this.#size, Math.max(FIRST_COLLECTOR, needed, 2 * (this.#collector?.length ?? 0)));
      const larger = Buffer.allocUnsafeSlow(capacity);
      this.#collector?.copy(larger, 0, 0, this.#collected);
      this.#collector = larger;
    }
    chunk.copy(this.#collector, this.#collected, start, start + bytes);
    this.#collected = needed;
  }
}
