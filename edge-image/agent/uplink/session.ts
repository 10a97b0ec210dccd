import type { Duplex } from "node:stream";
import { MqttClient } from "mqtt";
import type { DeviceIdentity } from "../identity/read-identity";

/** A will, as MQTT has it. */
export interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** Seconds: a dead link on which nothing is sent is noticed after one and a half times this; the broker's ceiling is 225. */
const KEEP_ALIVE = 30;
const CONNACK_MS = 20_000;

/**
 * Speaks MQTT 3.1.1 on a verified connection, as the device's identity, with a clean session: what must survive is in
 * our own queue, and a command that waited for hours is worse than none.
 *
 * @returns the client, once the broker accepted it. It never reconnects by itself.
 */
export function openSession(
  stream: Duplex,
  identity: DeviceIdentity,
  will: Will | undefined,
  signal: AbortSignal,
): Promise<MqttClient> {
  const client = new MqttClient(() => stream, {
    clientId: identity.name,
    username: identity.name,
    password: identity.password,
    protocolVersion: 4,
    clean: true,
    keepalive: KEEP_ALIVE,
    reconnectPeriod: 0,
    connectTimeout: CONNACK_MS,
    resubscribe: false,
    queueQoSZero: false,
    ...(will && { will }),
  });
  return new Promise((resolve, reject) => {
    let refusal: Error | undefined;
    const stop = (): void => {
      client.end(true);
      reject(new Error("stopped"));
    };
    // mqtt.js gives a refused CONNECT as an error, then closes. An error without a listener would end the process.
    client.on("error", (error) => (refusal ??= error));
    client.once("connect", () => {
      signal.removeEventListener("abort", stop);
      resolve(client);
    });
    client.once("close", () => {
      signal.removeEventListener("abort", stop);
      client.end(true);
      reject(refusal ?? new Error("the broker closed the connection before it answered"));
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}
