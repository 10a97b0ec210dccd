import { Duplex } from "node:stream";
import { LIMITS } from "./limits";
import { PacketMeter } from "./packet-meter";
import type { Peer } from "./peer";

/**
 * The duplex between one client's connection and Aedes: the seam where hardening happens (decision 12a).
 * In: every packet's length is checked before Aedes sees it, and nothing behind the CONNECT passes until `admit()`.
 * Out: the small writes of one tick leave as one (one TLS record, one WebSocket frame).
 */
export class Gate extends Duplex {
  readonly #inner: Duplex;
  readonly #meter = new PacketMeter(LIMITS.connectPacketBytes);
  readonly #idle: NodeJS.Timeout;
  #admitted = false;
  #held: Buffer | undefined;

  constructor(
    inner: Duplex,
    /** Who is at the other end. */
    readonly peer: Peer,
  ) {
    super({ readableHighWaterMark: 64 * 1024, writableHighWaterMark: LIMITS.outboundBytes });
    this.#inner = inner;
    this.#idle = setTimeout(() => this.destroy(new Error("silent for too long")), LIMITS.idleMs).unref();
    inner.on("data", (chunk: Buffer) => this.#receive(chunk));
    inner.on("end", () => this.push(null));
    inner.on("error", (error) => this.destroy(error));
    inner.on("close", () => this.destroy());
  }

  /** The client is who it says: its later packets may pass. */
  admit(): void {
    this.#admitted = true;
    this.#meter.limit = LIMITS.packetBytes;
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#receive(held);
    if (!this.#held && !this.destroyed) this.#inner.resume();
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed) return;
    this.#idle.refresh();
    let offset = 0;
    try {
      while (offset < chunk.length && (this.#admitted || this.#meter.packets === 0)) {
        offset = this.#meter.advance(chunk, offset);
      }
    } catch (error) {
      this.destroy(error as Error);
      return;
    }
    if (offset < chunk.length) {
      const rest = chunk.subarray(offset);
      this.#held = this.#held ? Buffer.concat([this.#held, rest]) : rest;
      this.#inner.pause();
    }
    if (offset > 0 && !this.push(chunk.subarray(0, offset))) this.#inner.pause();
  }

  override _read(): void {
    if (!this.#held) this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#inner.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.#inner.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idle);
    // Without an error what was written (a CONNACK with its return code) still leaves; a peer that does not read it
    // cannot hold us.
    if (error === null && !this.#inner.destroyed && this.#inner.writable) {
      this.#inner.end();
      this.#inner.resume();
      setTimeout(() => this.#inner.destroy(), 1_000).unref();
    } else {
      this.#inner.destroy(error ?? undefined);
    }
    done(error);
  }
}
