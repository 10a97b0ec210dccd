import { isUtf8 } from "node:buffer";
import { PacketRefused } from "./packet-refused";

/**
 * Reads the fields of one packet's body (MQTT 3.1.1, sections 1.5 and 2.3) in order, and refuses a length that reaches
 * beyond it. Lengths that do not match have no statement of their own: they are protocol violations [MQTT-4.8.0-1].
 */
export class BodyReader {
  #at = 0;

  constructor(
    readonly body: Buffer,
    /** The packet's name, for reasons. */
    readonly packet: string,
  ) {}

  get atEnd(): boolean {
    return this.#at === this.body.length;
  }

  byte(field: string): number {
    this.#need(1, field);
    return this.body[this.#at++]!;
  }

  /** Two bytes, the higher first (section 1.5.2). */
  integer(field: string): number {
    this.#need(2, field);
    const value = this.body[this.#at]! * 256 + this.body[this.#at + 1]!;
    this.#at += 2;
    return value;
  }

  /** Two bytes that must not both be zero (section 2.3.1). */
  packetId(): number {
    const id = this.integer("packet identifier");
    if (id === 0) throw new PacketRefused(`${this.packet}: the packet identifier is 0 [MQTT-2.3.1-1]`);
    return id;
  }

  /** Length and bytes; no copy. */
  binary(field: string): Buffer {
    const length = this.integer(field);
    this.#need(length, field);
    this.#at += length;
    return this.body.subarray(this.#at - length, this.#at);
  }

  /** Length and UTF-8, checked on the bytes themselves: decoding would hide what is wrong with them. */
  text(field: string): string {
    const length = this.integer(field);
    this.#need(length, field);
    const { body } = this;
    const start = this.#at;
    const end = start + length;
    this.#at = end;
    let ascii = true;
    for (let i = start; i < end; i++) {
      const byte = body[i]!;
      if (byte === 0) throw new PacketRefused(`${this.packet}: the ${field} contains U+0000 [MQTT-1.5.3-2]`);
      if (byte >= 0x80) ascii = false;
    }
    if (ascii) return body.toString("latin1", start, end);
    // Also refuses surrogates, overlong forms and what lies beyond U+10FFFF.
    if (!isUtf8(body.subarray(start, end)))
      throw new PacketRefused(`${this.packet}: the ${field} is not UTF-8 [MQTT-1.5.3-1]`);
    return body.toString("utf8", start, end);
  }

  /** What is left; no copy. */
  rest(): Buffer {
    const rest = this.#at === 0 ? this.body : this.body.subarray(this.#at);
    this.#at = this.body.length;
    return rest;
  }

  /** Nothing may follow the last field. */
  end(): void {
    const left = this.body.length - this.#at;
    if (left > 0) throw new PacketRefused(`${this.packet}: ${left} bytes follow its last field [MQTT-4.8.0-1]`);
  }

  #need(bytes: number, field: string): void {
    if (this.body.length - this.#at < bytes)
      throw new PacketRefused(`${this.packet}: it ends within its ${field} [MQTT-4.8.0-1]`);
  }
}
