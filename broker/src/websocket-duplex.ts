import { Duplex } from "node:stream";
import type { WebSocket } from "ws";

/** RFC 6455, section 7.4.1. */
const UNSUPPORTED_DATA = 1003;

/**
 * A WebSocket as a byte stream: every write is one binary frame, a text frame ends the connection [MQTT-6.0.0-1].
 * (`createWebSocketStream` of ws has no such checks, and its caller's small writes become as many frames.)
 */
export class WebSocketDuplex extends Duplex {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      if (!isBinary) {
        socket.close(UNSUPPORTED_DATA, "binary frames only");
        this.destroy();
      } else if (!this.push(data as Buffer)) {
        socket.pause();
      }
    });
    socket.on("close", () => {
      this.push(null);
      this.destroy();
    });
    socket.on("error", (error) => this.destroy(error));
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(chunk, { binary: true }, (error) => done(error));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (error) {
      this.#socket.terminate();
    } else {
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.close();
      // A peer that does not answer the closing handshake is not waited for.
      setTimeout(() => this.#socket.terminate(), 1_000).unref();
    }
    done(error);
  }
}
