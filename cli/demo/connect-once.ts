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
  return new Promise((resolve, reject) => {
    const fail = (reason: Error): void => {
      clearTimeout(timer);
      client.removeAllListeners();
      // A late alert on a socket that is going away anyway has nobody left to tell.
      client.on("error", () => undefined);
      client.end(true);
      reject(reason);
    };
    const timer = setTimeout(() => fail(new Error(`${url}: no answer within ${PATIENCE / 1000} s`)), PATIENCE);
    client.once("error", (error) => fail(new Refusal(inWords(error))));
    client.once("close", () => fail(new Refusal("connection closed")));
    client.once("connect", () => {
      clearTimeout(timer);
      client.removeAllListeners("error").removeAllListeners("close");
      client.on("error", () => undefined);
      resolve(client);
    });
  });
}

/** MQTT 3.1.1, 3.2.2.3: the CONNACK return codes. */
const CONNACK: Readonly<Record<number, string>> = {
  1: "CONNACK 1: protocol version",
  2: "CONNACK 2: ClientId rejected",
  3: "CONNACK 3: server unavailable",
  4: "CONNACK 4: bad user name or password",
  5: "CONNACK 5: not authorized",
};

function inWords(error: Error & { code?: number | string }): string {
  if (typeof error.code === "number") return CONNACK[error.code] ?? `CONNACK ${error.code}`;
  const alert = /alert ([a-z ]+?)(?=:|$)/.exec(error.message)?.[1];
  if (alert) return `TLS alert: ${alert}`;
  if (error.code === "ECONNRESET" || error.code === "EPIPE") return "connection closed";
  return error.message;
}
