import { connect, type IClientOptions, type MqttClient } from "mqtt";
import type { Plant } from "./plant";

/** Where a client goes, and how it differs from a good one. */
export interface ClientOptions extends IClientOptions {
  /** MQTT over TLS, or MQTT over WebSockets. @default "mqtts" */
  readonly over?: "mqtts" | "wss";
  /** TLS session to resume. @default none */
  readonly session?: Buffer;
}

/** What became of a CONNECT: a client, a CONNACK return code, or a closed connection. */
export type Outcome = { readonly client: MqttClient } | { readonly refused: number | "closed" };

interface Ports {
  readonly ports: { readonly mqtt: number; readonly https: number };
}

/** Connects as an identity of the plant with its bundle, changed by `changes`; never reconnects. */
export function attempt(broker: Ports, plant: Plant, name: string, changes: ClientOptions = {}): Promise<Outcome> {
  const { over = "mqtts", ...options } = changes;
  const bundle = plant.bundles[name];
  const port = over === "wss" ? broker.ports.https : broker.ports.mqtt;
  const client = connect({
    protocol: over,
    host: "127.0.0.1",
    path: "/mqtt",
    servername: "localhost",
    port,
    ca: plant.ca,
    key: bundle?.key,
    cert: bundle?.certificate,
    username: name,
    password: bundle?.password,
    clientId: name,
    reconnectPeriod: 0,
    connectTimeout: 30_000,
    ...options,
  });
  return new Promise((resolve) => {
    client.once("connect", () => resolve({ client }));
    client.on("error", (error) => {
      const { code } = error as { code?: unknown };
      // mqtt.js gives the CONNACK return code as `code`; TLS and socket errors carry a word there.
      if (typeof code === "number") resolve({ refused: code });
    });
    client.once("close", () => resolve({ refused: "closed" }));
  });
}

/** Connects a client that must be accepted. */
export async function accepted(
  broker: Ports,
  plant: Plant,
  name: string,
  changes?: ClientOptions,
): Promise<MqttClient> {
  const outcome = await attempt(broker, plant, name, changes);
  if ("client" in outcome) return outcome.client;
  throw new Error(`${name}: must be accepted, was refused with ${outcome.refused}`);
}

/** @returns how a client that must not be accepted was refused. */
export async function refused(
  broker: Ports,
  plant: Plant,
  name: string,
  changes?: ClientOptions,
): Promise<number | "closed"> {
  const outcome = await attempt(broker, plant, name, changes);
  if ("refused" in outcome) return outcome.refused;
  outcome.client.end(true);
  throw new Error(`${name}: must be refused, was accepted`);
}

/** The next message that a client gets: topic and text. */
export function nextMessage(client: MqttClient): Promise<readonly [topic: string, text: string]> {
  return new Promise((resolve) => client.once("message", (topic, payload) => resolve([topic, payload.toString()])));
}

/** When the connection is gone. */
export function closed(client: MqttClient): Promise<void> {
  return client.connected ? new Promise((resolve) => client.once("close", () => resolve())) : Promise.resolve();
}
