import { once } from "node:events";
import { connect, type Socket } from "node:net";
import mqtt, { type IConnectPacket, type IPublishPacket, type Packet } from "mqtt-packet";

export interface RawConnect {
  /** @default true */
  readonly clean?: boolean;
  readonly will?: IConnectPacket["will"];
  /** Seconds. @default 0: none */
  readonly keepalive?: number;
}

export type Received = Packet & { readonly cmd: string };

/** A message as a test compares it. */
export type Seen = readonly [topic: string, payload: string, qos: number, flags: string];
const seen = ({ topic, payload, qos, retain, dup }: IPublishPacket): Seen => [
  topic,
  payload.toString(),
  qos,
  `${retain ? "retain" : ""}${dup ? "dup" : ""}`,
];

/** An MQTT client that does nothing by itself: no acknowledgement, no retry. */
export class RawClient {
  readonly #socket: Socket;
  readonly #packets: Received[] = [];
  #notify: () => void = () => undefined;
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on("packet", (packet) => {
      this.#packets.push(packet as Received);
      this.#notify();
    });
    socket.on("data", (bytes) => parser.parse(bytes));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#ended = true;
      this.#notify();
    });
  }

  /** Opens a connection and says nothing. */
  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Connects, and must be accepted. */
  static async connect(port: number, clientId: string, options: RawConnect = {}): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.sendConnect(clientId, options);
    await client.connack();
    return client;
  }

  sendConnect(clientId: string, { clean = true, will, keepalive = 0 }: RawConnect = {}): void {
    this.send({ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clientId, clean, keepalive, will });
  }

  sessionPresent = false;
  async connack(): Promise<void> {
    const packet = (await this.next("connack")) as Received & { sessionPresent: boolean };
    this.sessionPresent = packet.sessionPresent;
  }

  send(...packets: Packet[]): void {
    this.#socket.write(Buffer.concat(packets.map((packet) => mqtt.generate(packet))));
  }

  sendBytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** The next packet of this kind; those before it are dropped. */
  async next(cmd: string): Promise<Received> {
    for (;;) {
      const at = this.#packets.findIndex((packet) => packet.cmd === cmd);
      if (at >= 0) {
        const [found] = this.#packets.splice(at, 1);
        return found!;
      }
      if (this.#ended) throw new Error(`closed while waiting for ${cmd}`);
      await this.#more();
    }
  }

  async message(): Promise<IPublishPacket & { messageId: number }> {
    return (await this.next("publish")) as unknown as IPublishPacket & { messageId: number };
  }

  /** Everything but PINGRESP that had been sent to the client when it asked. */
  async all(): Promise<Received[]> {
    this.send({ cmd: "pingreq" });
    while (!this.#packets.some(({ cmd }) => cmd === "pingresp")) {
      if (this.#ended) throw new Error("closed while waiting for a PINGRESP");
      await this.#more();
    }
    const at = this.#packets.findIndex(({ cmd }) => cmd === "pingresp");
    return this.#packets.splice(0, at + 1).slice(0, -1);
  }

  /** The messages among them. */
  async messages(): Promise<Seen[]> {
    const packets = await this.all();
    return packets.flatMap((packet) => (packet.cmd === "publish" ? [seen(packet as unknown as IPublishPacket)] : []));
  }

  /** @returns SUBACK's return codes. */
  async subscribe(...filters: (readonly [topic: string, qos: 0 | 1 | 2])[]): Promise<readonly number[]> {
    this.send({ cmd: "subscribe", messageId: 1, subscriptions: filters.map(([topic, qos]) => ({ topic, qos })) });
    return ((await this.next("suback")) as unknown as { granted: number[] }).granted;
  }

  /** Publishes, and waits for the acknowledgement if there is one. */
  async publish(topic: string, payload: string, qos: 0 | 1 | 2 = 0, retain = false, messageId = 1): Promise<void> {
    this.sendPublish(topic, payload, qos, { retain, messageId });
    if (qos === 0) await this.ping();
    if (qos === 1) await this.next("puback");
    if (qos !== 2) return;
    await this.next("pubrec");
    this.send({ cmd: "pubrel", messageId });
    await this.next("pubcomp");
  }

  sendPublish(
    topic: string,
    payload: string,
    qos: 0 | 1 | 2 = 0,
    { retain = false, messageId = 1, dup = false } = {},
  ): void {
    this.send({ cmd: "publish", topic, payload, qos, retain, dup, messageId: qos > 0 ? messageId : undefined });
  }

  /** Resolves when the broker has handled all that was sent before. */
  async ping(): Promise<void> {
    this.send({ cmd: "pingreq" });
    await this.next("pingresp");
  }

  /** DISCONNECT, and the end. */
  async disconnect(): Promise<void> {
    this.send({ cmd: "disconnect" });
    await this.closed();
  }

  /** Says no more; what was sent before still arrives. */
  end(): void {
    this.#socket.end();
  }

  /** The connection is lost. */
  async drop(): Promise<void> {
    this.#socket.resetAndDestroy();
    await this.closed();
  }

  async closed(): Promise<void> {
    while (!this.#ended) await this.#more();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#notify = resolve;
    });
  }
}
