import type { Packet } from "mqtt-packet";
import type { Ledger, Numbered } from "./ledger";
import type { ConnectProps } from "./mqtt-connection";
import { PersistentClient } from "./persistent-client";

/** Messages on their way, and how often the next one is due. */
const WINDOW = 40;
const EVERY_MS = 5;

interface Way {
  readonly message: Numbered;
  /** QoS 2: PUBREC came, the message itself is never sent again. */
  released: boolean;
}

export interface PublisherProps {
  readonly name: string;
  readonly qos: 1 | 2;
  readonly topic: string;
  readonly ledger: Ledger;
  readonly connect: () => ConnectProps;
}

/** Numbers its messages and sends each until it is acknowledged (MQTT 3.1.1, 4.4). */
export class Publisher extends PersistentClient {
  readonly #props: PublisherProps;
  readonly #ways = new Map<number, Way>();
  readonly #timer: NodeJS.Timeout;
  #number = 0;
  #packetId = 0;
  #paused = false;
  #idle: (() => void)[] = [];

  constructor(props: PublisherProps) {
    super(props.connect);
    this.#props = props;
    this.#timer = setInterval(() => this.#next(), EVERY_MS);
  }

  /** Sends nothing new; resolves when all that was sent is acknowledged. */
  drained(): Promise<void> {
    this.#paused = true;
    return this.#ways.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  override end(): void {
    clearInterval(this.#timer);
    super.end();
  }

  protected override onConnected(present: boolean): void {
    for (const [messageId, { message, released }] of [...this.#ways]) {
      // A session that is gone has forgotten the identifier: what was released was taken over.
      if (released && !present) this.#done(messageId);
      else if (released) this.send({ cmd: "pubrel", messageId });
      else this.#send(messageId, message, true);
    }
  }

  protected override onPacket(packet: Packet): void {
    const messageId = packet.messageId!;
    const way = this.#ways.get(messageId);
    if (!way) return;
    if (packet.cmd === "puback") {
      this.#props.ledger.acknowledged(way.message);
      this.#done(messageId);
    } else if (packet.cmd === "pubrec") {
      this.#props.ledger.acknowledged(way.message);
      way.released = true;
      this.send({ cmd: "pubrel", messageId });
    } else if (packet.cmd === "pubcomp") this.#done(messageId);
  }

  #next(): void {
    if (this.#paused || !this.connection || this.#ways.size >= WINDOW) return;
    do this.#packetId = (this.#packetId % 65_535) + 1;
    while (this.#ways.has(this.#packetId));
    const message = { from: this.#props.name, number: ++this.#number, qos: this.#props.qos };
    this.#ways.set(this.#packetId, { message, released: false });
    this.#send(this.#packetId, message, false);
  }

  #send(messageId: number, message: Numbered, dup: boolean): void {
    const { topic, qos, ledger } = this.#props;
    ledger.sent(message);
    const payload = JSON.stringify({ ...message, filler: "x".repeat(150) });
    this.send({ cmd: "publish", messageId, topic, payload, qos, dup, retain: false });
  }

  #done(messageId: number): void {
    this.#ways.delete(messageId);
    if (this.#ways.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
