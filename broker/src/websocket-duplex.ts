import { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { LIMITS } from "./limits";
import { PacketRefused } from "./mqtt/packet-refused";

/** RFC 6455, section 7.4.1. */
const UNSUPPORTED_DATA = 1003;
/** Milliseconds: a peer that does not answer the closing handshake is not waited for. */
const CLOSING_MS = 1_000;

/**
 * A WebSocket as a byte stream: every write is one binary frame, a text frame ends the connection. (`createWebSocketStream`
 * of ws has no such checks, and its caller's small writes become as many frames.) It answers pings itself, so the server
 * it comes from must not.
 */
export class WebSocketDuplex extends Duplex {
  readonly #socket: WebSocket;
  /** Not answered yet. */
  #ping: Buffer | undefined;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      if (!isBinary) {
        this.#close(UNSUPPORTED_DATA, "binary frames only");
        this.destroy(new PacketRefused("a text frame: MQTT goes in binary ones [MQTT-6.0.0-1]"));
      } else if (!this.push(data as Buffer)) {
        socket.pause();
      }
    });
    socket.on("ping", (data) => {
      // Who pings and does not read would make us keep every answer.
      if (socket.bufferedAmount > LIMITS.outboundBytes)
        return void this.destroy(new Error("slow consumer: pings, but does not read"));
      // One answer a turn, to the last: RFC 6455, section 5.5.3. One read may hold ten thousand pings.
      if (this.#ping === undefined) setImmediate(() => this.#pong());
      this.#ping = data;
    });
    socket.on("close", () => {
      // Who says DISCONNECT and closes has said it, though what comes before it waits to be read.
      this.once("end", () => this.destroy());
      this.push(null);
      // As a socket does: where nothing waits it ends at once, though it is paused.
      this.read(0);
    });
    socket.on("error", (error) => this.destroy(error));
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // Nobody to answer any more, from the peer's close frame on; that is no reason not to read what was said.
    if (this.#socket.readyState !== this.#socket.OPEN) return done();
    this.#socket.send(chunk, { binary: true }, (error) => done(error));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // With an error nothing more leaves, but a close frame that already did is not cut off.
    if (error && this.#socket.readyState === this.#socket.OPEN) this.#socket.terminate();
    else this.#close();
    done(error);
  }

  #pong(): void {
    const data = this.#ping;
    this.#ping = undefined;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.pong(data);
  }

  #close(code?: number, reason?: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), CLOSING_MS).unref();
  }
}
