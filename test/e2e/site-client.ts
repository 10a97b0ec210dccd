import { EventEmitter, once } from "node:events";
import { Agent } from "node:https";
import type { Duplex } from "node:stream";
import { connect as tlsConnect, type TLSSocket } from "node:tls";
import { MqttClient, type IClientOptions } from "mqtt";
import WebSocket, { createWebSocketStream } from "ws";
import { dial } from "./dial";

/** Who connects, with what. PEM texts. */
export interface Bundle {
  readonly name: string;
  readonly password: string;
  readonly key?: string;
  readonly certificate?: string;
  readonly trust: readonly string[];
}

export interface SiteClientOptions {
  /** Unix socket of the `gate-dial` in the internet's namespace. */
  readonly gate: string;
  /** Address of the load balancer. */
  readonly address: string;
  readonly port: number;
  /** Verified in the server's certificate. */
  readonly host: string;
  /** @default false: MQTT over TLS */
  readonly webSocket?: boolean;
  readonly options?: IClientOptions;
}

/** An MQTT client on the internet side that verifies the server and keeps every message that it gets. */
export class SiteClient {
  readonly messages: { readonly topic: string; readonly payload: string }[] = [];
  readonly #events = new EventEmitter();

  private constructor(readonly mqtt: MqttClient) {
    mqtt.on("message", (topic, payload) => {
      this.messages.push({ topic, payload: payload.toString() });
      this.#events.emit("message");
    });
    mqtt.on("close", () => this.#events.emit("close"));
    // Without a listener an expected refusal would end the process; who cares listens too.
    mqtt.on("error", () => undefined);
  }

  /**
   * Connects and waits for the broker's CONNACK.
   * @throws when the connection, TLS or MQTT refuses, or nothing answers within 15 s.
   */
  static async connect(bundle: Bundle, where: SiteClientOptions): Promise<SiteClient> {
    const open = () => (where.webSocket ? openWebSocket(bundle, where) : openTls(bundle, where, []));
    let next: Duplex | undefined = await open();
    const options: IClientOptions = {
      clientId: bundle.name,
      username: bundle.name,
      password: bundle.password,
      reconnectPeriod: 0,
      connectTimeout: 15_000,
      protocolVersion: 4,
      ...where.options,
    };
    const client = new SiteClient(
      new MqttClient(() => {
        const stream = next;
        next = undefined;
        if (!stream) throw new Error("this client connects once; make another one");
        return stream;
      }, options),
    );
    try {
      await new Promise<void>((resolve, reject) => {
        client.mqtt.once("connect", () => resolve()).once("error", reject);
        client.mqtt.once("close", () => reject(new Error("the connection was closed before CONNACK")));
      });
    } catch (error) {
      client.mqtt.end(true);
      throw error;
    }
    return client;
  }

  async subscribe(filter: string, qos: 0 | 1 = 1): Promise<readonly number[]> {
    const granted = await this.mqtt.subscribeAsync(filter, { qos });
    return granted.map((grant) => grant.qos);
  }

  async publish(topic: string, payload: string, options: { qos?: 0 | 1; retain?: boolean } = {}): Promise<void> {
    await this.mqtt.publishAsync(topic, payload, { qos: 1, ...options });
  }

  /** @returns the first message, past or coming, that `matches`. @param deadline milliseconds. */
  async message(topic: string, payload?: string, deadline = 30_000): Promise<void> {
    const matches = (message: { topic: string; payload: string }): boolean =>
      message.topic === topic && (payload === undefined || message.payload === payload);
    const signal = AbortSignal.timeout(deadline);
    while (!this.messages.some(matches)) {
      await once(this.#events, "message", { signal }).catch(() => {
        const seen = this.messages.map((message) => message.topic).join(", ") || "nothing";
        throw new Error(
          `${String(this.mqtt.options.clientId)}: no message on ${topic} within ${deadline / 1000} s; got ${seen}`,
        );
      });
    }
  }

  /** Resolves when the connection is gone. */
  async closed(): Promise<void> {
    if (!this.mqtt.connected) return;
    await once(this.#events, "close");
  }

  async end(): Promise<void> {
    await this.mqtt.endAsync(true);
  }
}

/** A TLS connection through the load balancer, verified against the bundle's trust. */
export async function openTls(
  bundle: Partial<Bundle>,
  where: SiteClientOptions,
  protocols: string[],
): Promise<TLSSocket> {
  const socket = await dial(where.gate, where.address, where.port);
  const secure = tlsConnect({
    socket,
    servername: where.host,
    ca: [...(bundle.trust ?? [])],
    ...(bundle.key === undefined ? {} : { key: bundle.key, cert: bundle.certificate }),
    ...(protocols.length > 0 ? { ALPNProtocols: protocols } : {}),
  });
  await once(secure, "secureConnect");
  return secure;
}

async function openWebSocket(bundle: Bundle, where: SiteClientOptions): Promise<Duplex> {
  const secure = await openTls(bundle, where, []);
  // The name is the load balancer's and in no DNS here: whoever asks for a connection gets the one that is there.
  const agent = new Agent();
  agent.createConnection = () => secure;
  const socket = new WebSocket(`wss://${where.host}/mqtt`, "mqtt", { agent });
  const stream = createWebSocketStream(socket);
  // What fails before it is open is told by the socket.
  stream.on("error", () => undefined);
  await once(socket, "open");
  return stream;
}
