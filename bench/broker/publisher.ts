import { MARK, publishTemplate, type PublishTemplate } from "./frames";
import type { LeanClient } from "./lean-client";
import type { Qos } from "./scenarios";

/** One publishing client and what it has under way. */
export class Publisher {
  sent = 0;
  /** Deliveries of its messages that have not arrived yet. */
  outstanding = 0;
  /** Messages without PUBACK; always 0 at QoS 0. */
  unacknowledged = 0;
  client: LeanClient | undefined;
  readonly #template: PublishTemplate;
  readonly #qos: Qos;

  constructor(index: number, topic: string, qos: Qos) {
    this.#qos = qos;
    this.#template = publishTemplate(topic, qos);
    this.#template.frame.writeUInt32LE(index, this.#template.payload + MARK.publisher);
  }

  /** Sends that many messages in one write, each of which will be delivered `copies` times. */
  send(count: number, copies: number): void {
    const { frame, packetId, payload } = this.#template;
    const bytes = Buffer.allocUnsafe(frame.length * count);
    const now = performance.now();
    for (let index = 0; index < count; index++) {
      const at = index * frame.length;
      frame.copy(bytes, at);
      // From 1 to 65,535 and again: far more than can be under way.
      if (this.#qos === 1) bytes.writeUInt16BE((this.sent % 65_535) + 1, at + packetId);
      bytes.writeUInt32LE(this.sent, at + payload + MARK.sequence);
      bytes.writeDoubleLE(now, at + payload + MARK.sentAt);
      this.sent += 1;
    }
    this.outstanding += count * copies;
    if (this.#qos === 1) this.unacknowledged += count;
    this.client!.write(bytes);
  }
}
