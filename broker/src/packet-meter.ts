/** The peer broke a rule of MQTT's framing, or a limit: its connection ends without an answer. */
export class PacketRefused extends Error {
  override readonly name = "PacketRefused";
}

const CONNECT = 0x10;

/**
 * Follows MQTT's framing (3.1.1, section 2.2) without keeping a byte: so that a packet is refused on its first five
 * bytes, before Aedes buffers it (its parser would collect up to 256 MB, unauthenticated).
 */
export class PacketMeter {
  /** Packets that ended so far. */
  packets = 0;
  #remaining = 0;
  #lengthBytes = 0;
  #inLength = false;

  /** @param limit bytes of the largest packet allowed, header included; may be changed between packets. */
  constructor(public limit: number) {}

  /**
   * Reads from `offset` to the end of the current packet or of the chunk, whichever is first.
   * @returns the offset behind what was read.
   * @throws PacketRefused
   */
  advance(chunk: Buffer, offset: number): number {
    let at = offset;
    if (this.#remaining === 0 && !this.#inLength) {
      // [MQTT-3.1.0-1]: the first packet must be a CONNECT; its flags are reserved as 0.
      if (this.packets === 0 && chunk[at] !== CONNECT) throw new PacketRefused("the first packet is not a CONNECT");
      at += 1;
      this.#inLength = true;
      this.#lengthBytes = 0;
    }
    while (this.#inLength && at < chunk.length) {
      const byte = chunk[at]!;
      at += 1;
      this.#remaining += (byte & 0x7f) * 128 ** this.#lengthBytes;
      this.#lengthBytes += 1;
      if (byte < 0x80) this.#endLength();
      else if (this.#lengthBytes === 4) throw new PacketRefused("the remaining length has more than four bytes");
    }
    if (this.#inLength) return at;
    const body = Math.min(this.#remaining, chunk.length - at);
    this.#remaining -= body;
    if (this.#remaining === 0) this.packets += 1;
    return at + body;
  }

  #endLength(): void {
    this.#inLength = false;
    const size = 1 + this.#lengthBytes + this.#remaining;
    if (size > this.limit) throw new PacketRefused(`a packet of ${size} bytes is larger than ${this.limit}`);
  }
}
