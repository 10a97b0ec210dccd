import { isUtf8 } from "node:buffer";
import { type Header, LOCAL_LIMITS, parseHeader, Refusal } from "./protocol";

const NEWLINE = 0x0a;

/** What a stream of bytes holds: a header with its payload, or one whose payload was too large and was skipped. */
export type Frame =
  { readonly header: Header; readonly payload: Buffer } | { readonly header: Header; readonly tooLarge: true };

/**
 * Cuts a stream into frames: one line of JSON, then as many bytes as it says. Holds one frame at most; of a payload above
 * the limit it keeps nothing.
 */
export class FrameReader {
  #line: Buffer = Buffer.alloc(0);
  #header: Header | undefined;
  #payload: Buffer = Buffer.alloc(0);
  #filled = 0;

  /** @returns the frames that `chunk` completes. @throws Refusal `protocol`: nothing behind it can be understood */
  push(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length || (this.#header && this.#filled === this.#header.bytes)) {
      at = this.#header ? this.#takePayload(this.#header, chunk, at, frames) : this.#takeLine(chunk, at);
    }
    return frames;
  }

  #takeLine(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(NEWLINE, at);
    const part = chunk.subarray(at, end === -1 ? chunk.length : end);
    if (this.#line.length + part.length > LOCAL_LIMITS.headerBytes)
      throw new Refusal("protocol", `a header line must be no longer than ${LOCAL_LIMITS.headerBytes} bytes`);
    this.#line = this.#line.length === 0 ? Buffer.from(part) : Buffer.concat([this.#line, part]);
    if (end === -1) return chunk.length;
    // Replaced bytes would make another topic of it.
    if (!isUtf8(this.#line)) throw new Refusal("protocol", "a header must be UTF-8");
    const header = parseHeader(this.#line.toString());
    this.#line = Buffer.alloc(0);
    this.#header = header;
    this.#filled = 0;
    this.#payload = isTooLarge(header) ? Buffer.alloc(0) : Buffer.allocUnsafeSlow(header.bytes);
    return end + 1;
  }

  #takePayload(header: Header, chunk: Buffer, at: number, frames: Frame[]): number {
    const part = chunk.subarray(at, at + header.bytes - this.#filled);
    if (!isTooLarge(header)) part.copy(this.#payload, this.#filled);
    this.#filled += part.length;
    if (this.#filled === header.bytes) {
      frames.push(isTooLarge(header) ? { header, tooLarge: true } : { header, payload: this.#payload });
      this.#header = undefined;
    }
    return at + part.length;
  }
}

const isTooLarge = ({ bytes }: Header): boolean => bytes > LOCAL_LIMITS.payloadBytes;
