import { connect, type TLSSocket } from "node:tls";
import type { MqttClient } from "mqtt";
import type { Bundle, Plant } from "./plant";

/** A TLS session ticket of the MQTT port, made with this client certificate or none. */
export function ticket(
  { ports }: { readonly ports: { readonly mqtt: number } },
  { ca }: Plant,
  bundle?: Bundle,
): Promise<Buffer> {
  const socket = connect({
    host: "127.0.0.1",
    port: ports.mqtt,
    servername: "localhost",
    ca,
    key: bundle?.key,
    cert: bundle?.certificate,
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("session", (session: Buffer) => {
      socket.destroy();
      resolve(session);
    });
  });
}

/** Whether the client's TLS session came from a ticket. */
export const isResumed = (client: MqttClient): boolean => (client.stream as unknown as TLSSocket).isSessionReused();
