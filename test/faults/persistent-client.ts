import type { Packet } from "mqtt-packet";
import { MqttConnection, type ConnectProps } from "./mqtt-connection";

/** Milliseconds between two attempts. */
const AGAIN_MS = 200;

/** A client that comes back for ever: what publishers and subscribers share. */
export abstract class PersistentClient {
  protected connection: MqttConnection | undefined;
  /** Connections that were accepted. */
  connected = 0;
  #ended = false;
  #again: NodeJS.Timeout | undefined;

  constructor(private readonly props: () => ConnectProps) {}

  start(): void {
    void this.#connect();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#again);
    this.connection?.destroy();
  }

  protected abstract onConnected(present: boolean): void;
  protected abstract onPacket(packet: Packet): void;

  protected send(packet: Packet): void {
    this.connection?.send(packet);
  }

  async #connect(): Promise<void> {
    const opened = await MqttConnection.open(this.props());
    if (this.#ended) return opened?.connection.destroy();
    if (!opened) {
      this.#again = setTimeout(() => void this.#connect(), AGAIN_MS);
      return;
    }
    const { connection, present, follow } = opened;
    this.connection = connection;
    this.connected += 1;
    this.onConnected(present);
    follow({
      onPacket: (packet) => this.onPacket(packet),
      onClosed: () => {
        this.connection = undefined;
        if (!this.#ended) this.#again = setTimeout(() => void this.#connect(), AGAIN_MS);
      },
    });
  }
}
