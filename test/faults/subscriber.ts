import type { IPublishPacket, Packet } from "mqtt-packet";
import type { Ledger, Numbered } from "./ledger";
import type { ConnectProps } from "./mqtt-connection";
import { PersistentClient } from "./persistent-client";

export interface SubscriberProps {
  readonly name: string;
  readonly filter: string;
  readonly ledger: Ledger;
  readonly connect: () => ConnectProps;
}

/** Subscribes once, and keeps its session (clean session 0) whatever happens. */
export class Subscriber extends PersistentClient {
  readonly #props: SubscriberProps;
  /** QoS 2 identifiers between PUBLISH and PUBREL. */
  readonly #incoming = new Set<number>();
  /** On which connection an identifier was released last. */
  readonly #released = new Map<number, number>();
  /** Messages that are no numbered ones: topic and text, in their order. */
  readonly others: (readonly [topic: string, text: string])[] = [];
  /** Times that its session was gone although it had subscribed. */
  forgotten = 0;
  #subscribed = false;
  #waiting: (() => void)[] = [];

  constructor(props: SubscriberProps) {
    super(props.connect);
    this.#props = props;
    props.ledger.subscriber(props.name);
  }

  /** Resolves when the broker has the subscription. */
  subscribed(): Promise<void> {
    return this.#subscribed ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  protected override onConnected(present: boolean): void {
    if (this.#subscribed && !present) this.forgotten += 1;
    if (this.#subscribed) return;
    this.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: this.#props.filter, qos: 2 }] });
  }

  protected override onPacket(packet: Packet): void {
    const messageId = packet.messageId!;
    if (packet.cmd === "suback") {
      this.#subscribed = true;
      for (const resolve of this.#waiting.splice(0)) resolve();
    } else if (packet.cmd === "pubrel") {
      this.#incoming.delete(messageId);
      this.#released.set(messageId, this.connected);
      this.send({ cmd: "pubcomp", messageId });
    } else if (packet.cmd === "publish") {
      if (packet.qos === 2) {
        if (!this.#incoming.has(messageId)) this.#take(packet);
        this.#incoming.add(messageId);
        return this.send({ cmd: "pubrec", messageId });
      }
      this.#take(packet);
      if (packet.qos === 1) this.send({ cmd: "puback", messageId });
    }
  }

  #take({ topic, payload, dup, messageId }: IPublishPacket): void {
    const text = payload.toString();
    if (!text.startsWith("{")) return void this.others.push([topic, text]);
    const packetId = messageId ?? 0;
    const releasedOn = this.#released.get(packetId);
    const copy = { dup, packetId, connection: this.connected, releasedOn };
    this.#props.ledger.received(this.#props.name, JSON.parse(text) as Numbered, copy);
  }
}
