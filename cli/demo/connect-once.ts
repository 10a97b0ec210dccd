import { Socket } from "node:net";
import mqtt from "mqtt";
import type { IClientOptions, MqttClient } from "mqtt";

/** How long a broker may take to say yes or no, ms. Silence is neither, and fails the check. */
const PATIENCE = 5_000;

/** The broker's no, in its own terms: a CONNACK code, a TLS alert, a closed connection. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/**
 * Connects once, without retrying.
 * @throws Refusal when the broker refuses; Error when it does not answer
 */
export function connectOnce(url: string, options: IClientOptions): Promise<MqttClient> {
  const client = mqtt.connect(url, {
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: PATIENCE,
    ...options,
  });
  // A late alert on a socket that is going away anyway has nobody left to tell.
  client.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      clearTimeout(timer);
      // Ours alone: the client listens to itself, too.
      client.off("error", refused).off("close", closed).off("connect", connected);
      outcome();
    };
    const fail = (reason: Error): void =>
      settle(() => {
        client.end(true);
        reject(reason);
      });
    const refused = (error: Error): void => fail(new Refusal(inWords(error)));
    const closed = (): void => fail(new Refusal("connection closed"));
    const connected = (): void =>
      settle(() => {
        // MQTT.js writes a packet in parts; Nagle's algorithm would hold the last one back for 40 ms, which the demo shows.
        if (client.stream instanceof Socket) client.stream.setNoDelay(true);
        resolve(client);
      });
    const timer = setTimeout(() => fail(new Error(`${url}: no answer within ${PATIENCE / 1000} s`)), PATIENCE);
    client.on("error", refused).on("close", closed).on("connect", connected);
  });
}

/** MQTT 3.1.1, 3.2.2.3: the CONNACK return codes. */
const CONNACK: Readonly<Record<number, string>> = {
  1: "protocol version",
  2: "ClientId rejected",
  3: "server unavailable",
  4: "bad password",
  5: "not authorized",
};

function inWords(error: Error & { code?: number | string }): string {
  if (typeof error.code === "number") return `CONNACK ${error.code}, ${CONNACK[error.code] ?? "unknown"}`;
  const alert = /alert ([a-z ]+?)(?=:|$)/.exec(error.message)?.[1];
  if (alert) return `TLS alert: ${alert}`;
  if (error.code === "ECONNRESET" || error.code === "EPIPE") return "connection closed";
  return error.message;
}
