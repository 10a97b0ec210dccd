import { EventEmitter } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { generate, parser, type IConnackPacket, type IConnectPacket, type Packet } from "mqtt-packet";
import type { Bundle } from "../broker/plant";

interface Events {
  packet: [Packet];
  /** Once, however it ended. */
  closed: [];
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

/** Milliseconds to a CONNACK. */
const CONNECT_MS = 5_000;

/** One connection of a client that does no more than it is told: nothing is sent again behind the test's back. */
export class MqttConnection extends EventEmitter<Events> {
  readonly #socket: TLSSocket;
  readonly #timers: NodeJS.Timeout[] = [];
  #heardAt = performance.now();

  private constructor(socket: TLSSocket, keepalive: number) {
    super();
    this.#socket = socket;
    const reader = parser({ protocolVersion: 4 });
    reader.on("packet", (packet) => this.emit("packet", packet));
    reader.on("error", () => socket.destroy());
    socket.on("data", (bytes: Buffer) => {
      this.#heardAt = performance.now();
      reader.parse(bytes);
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      for (const timer of this.#timers) clearInterval(timer);
      this.emit("closed");
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
  static open(props: ConnectProps): Promise<{ connection: MqttConnection; present: boolean } | undefined> {
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
      const connection = new MqttConnection(socket, keepalive);
      const timer = setTimeout(() => socket.destroy(), CONNECT_MS);
      connection.once("closed", () => {
        clearTimeout(timer);
        resolve(undefined);
      });
      connection.once("packet", (packet) => {
        clearTimeout(timer);
        const { cmd, returnCode, sessionPresent } = packet as IConnackPacket;
        if (cmd === "connack" && returnCode === 0) resolve({ connection, present: sessionPresent });
        else socket.destroy();
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
}
