import { createServer, type Server } from "node:tls";
import type { ClientAddresses } from "./client-addresses";
import { Gate } from "./gate";
import type { Logger } from "./logger";
import { peerOf, RefusedCertificate } from "./peer-of";
import type { ServerCertificate } from "./server-certificate";
import { clientTlsOptions } from "./tls-options";

export interface ClientServerProps {
  readonly certificate: () => ServerCertificate;
  readonly addresses: ClientAddresses;
  readonly log: Logger;
}

/**
 * TLS for MQTT on 8883. It listens nowhere: the ingress hands it raw connections by `emit("connection", socket)`.
 * @param onClient takes a connection whose handshake is over and whose certificate, if any, is good.
 */
export function createMqttServer(
  { certificate, addresses, log }: ClientServerProps,
  onClient: (gate: Gate) => void,
): Server {
  const server = createServer(clientTlsOptions(certificate()), (socket) => {
    try {
      onClient(new Gate(socket, peerOf("mqtt", socket, addresses, certificate())));
    } catch (error) {
      logRefused(log, "mqtt", addresses.of(socket), error);
      socket.on("error", () => socket.destroy());
      socket.destroy();
    }
  });
  server.on("tlsClientError", (error, socket) =>
    logHandshakeError(log, "mqtt", addresses.of(socket), socket.bytesRead, error),
  );
  return server;
}

/** One line for a client whose certificate is not good. */
export function logRefused(
  log: Logger,
  listener: string,
  from: { address: string; port: number },
  error: unknown,
): void {
  const certFp = error instanceof RefusedCertificate ? error.fingerprint : undefined;
  log.warn(
    { listener, ...from, reason: error instanceof Error ? error.message : String(error), certFp },
    "client-refused",
  );
}

/** A probe that connects and goes is no event; plaintext, an old TLS version or a bad certificate message is. */
export function logHandshakeError(
  log: Logger,
  listener: string,
  from: { address: string; port: number },
  bytesRead: number,
  error: NodeJS.ErrnoException,
): void {
  const level = bytesRead === 0 || error.code === "ECONNRESET" ? "debug" : "warn";
  log[level]({ listener, ...from, reason: error.code ?? error.message }, "handshake-failed");
}
