import { connect as connectTcp } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { generate, parser, type IConnackPacket, type IConnectPacket, type Packet } from "mqtt-packet";
import type { Bundle } from "../broker/plant";

/** Who uses a connection. */
export interface Follower {
  readonly onPacket: (packet: Packet) => void;
  /** Once, however it ended. */
  readonly onClosed: () => void;
}

export interface ConnectProps {
  readonly port: number;
  readonly ca: readonly string[];
  readonly bundle: Bundle;
  readonly clean: boolean;
  readonly will?: NonNullable<IConnectPacket["will"]>;
  /** Seconds; 0: the client never notices that the broker stands still. */
  readonly keepalive: number;
}

export interface Opened {
  readonly connection: MqttConnection;
  /** The broker has a session of this client. */
  readonly present: boolean;
  /** Hands over every packet behind CONNACK, from the first one on, and the end; called once. */
  readonly follow: (follower: Follower) => void;
}

/** Milliseconds to a CONNACK. */
const CONNECT_MS = 5_000;

/** One connection of a client that does no more than it is told: nothing is sent again behind the test's back. */
export class MqttConnection {
  readonly #socket: TLSSocket;
  readonly #timers: NodeJS.Timeout[] = [];
  #follower: Follower;
  #isClosed = false;
  #heardAt = performance.now();

  private constructor(socket: TLSSocket, keepalive: number, follower: Follower) {
    this.#socket = socket;
    this.#follower = follower;
    const reader = parser({ protocolVersion: 4 });
    reader.on("packet", (packet) => this.#follower.onPacket(packet));
    reader.on("error", () => socket.destroy());
    socket.on("data", (bytes: Buffer) => {
      this.#heardAt = performance.now();
      reader.parse(bytes);
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      for (const timer of this.#timers) clearInterval(timer);
      this.#isClosed = true;
      this.#follower.onClosed();
    });
    if (keepalive > 0) {
      const ask = setInterval(() => {
        if (performance.now() - this.#heardAt > keepalive * 1_500) socket.destroy();
        else this.send({ cmd: "pingreq" });
      }, keepalive * 500);
      this.#timers.push(ask);
    }
  }

  /** @returns undefined when the broker did not accept it, now. */
  static open(props: ConnectProps): Promise<Opened | undefined> {
    const { port, ca, bundle, clean, will, keepalive } = props;
    const tcp = connectTcp({ host: "127.0.0.1", port });
    tcp.on("error", () => tcp.destroy());
    const socket = connect({
      socket: tcp,
      servername: "localhost",
      ca: [...ca],
      key: bundle.key,
      cert: bundle.certificate,
    });
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), CONNECT_MS);
      /** What comes in CONNACK's read, or before whoever opened it has asked for it. */
      const behind: Packet[] = [];
      let isAccepted = false;
      const connection: MqttConnection = new MqttConnection(socket, keepalive, {
        onPacket: (packet) => {
          if (isAccepted) return void behind.push(packet);
          clearTimeout(timer);
          const { cmd, returnCode, sessionPresent: present } = packet as IConnackPacket;
          isAccepted = cmd === "connack" && returnCode === 0;
          if (isAccepted) resolve({ connection, present, follow: (by) => connection.#follow(by, behind) });
          else socket.destroy();
        },
        onClosed: () => {
          clearTimeout(timer);
          resolve(undefined);
        },
      });
      socket.once("secureConnect", () =>
        connection.send({
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: 4,
          clientId: bundle.name,
          username: bundle.name,
          password: Buffer.from(bundle.password),
          clean,
          keepalive,
          will,
        }),
      );
    });
  }

  send(packet: Packet): void {
    if (!this.#socket.destroyed) this.#socket.write(generate(packet));
  }

  /** Ends without a DISCONNECT. */
  destroy(): void {
    this.#socket.destroy();
  }

  #follow(follower: Follower, behind: readonly Packet[]): void {
    this.#follower = follower;
    for (const packet of behind) follower.onPacket(packet);
    if (this.#isClosed) follower.onClosed();
  }
}
