import { once } from "node:events";
import type { Server as TlsServer } from "node:tls";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { limitLines } from "./abuse/limit-lines";
import type { Activation } from "./activation";
import { ClientAddresses } from "./client-addresses";
import { closeInBatches } from "./close-in-batches";
import type { BrokerConfig } from "./config";
import { createHealthServer, type Health } from "./health";
import { createHttpsServer } from "./https-server";
import { ingress, type IngressRoutes } from "./ingress";
import type { Lease } from "./lease";
import { LIMITS } from "./limits";
import type { Logger } from "./logger";
import { makeRoom } from "./make-room";
import { createMqttServer } from "./mqtt-server";
import { upgradeRules } from "./refuse-upgrade";
import type { Relays } from "./relay";
import type { ServerCertificate } from "./server-certificate";
import { secureContext } from "./tls-options";

/** The two listening ports and every connection on them. */
export interface OpenPorts {
  readonly mqtt: number;
  readonly https: number;
  /** New handshakes see this certificate; open connections go on. */
  readonly useCertificate: (certificate: ServerCertificate) => void;
  /** Stops listening, and ends every connection, in batches. */
  readonly close: () => Promise<void>;
}

export interface OpenPortsProps {
  readonly config: BrokerConfig;
  readonly certificate: () => ServerCertificate;
  readonly lease: Lease;
  readonly activation: Activation;
  readonly relays: Relays;
  readonly health: Health;
  readonly log: Logger;
}

/**
 * Listens on the two ports of promise P1. Each has three layers: a TCP listener that accepts, an ingress that decides
 * by origin and PROXY header, and a TLS server for what this task serves itself.
 * @throws when a port is taken or may not be used.
 */
export async function openPorts(props: OpenPortsProps): Promise<OpenPorts> {
  const { config, certificate, lease, activation, relays, health } = props;
  const log = limitLines(props.log);
  const { isActive, handle } = activation;
  const addresses = new ClientAddresses();
  const common = { certificate, addresses, log };
  const rules = upgradeRules({ origins: config.origins, certificate, isActive });
  const tls = {
    mqtt: createMqttServer(common, handle),
    https: createHttpsServer({ ...common, health, rules }, handle),
    checks: createHealthServer(certificate(), health),
  };

  const connections = new Set<Socket>();
  const room = makeRoom(config.limits, log);
  const listener = (name: "mqtt" | "wss", server: TlsServer, checkHealth: IngressRoutes["health"]): Server => {
    const tcp = createServer({ allowHalfOpen: true });
    const serve: IngressRoutes["serve"] = (socket, client) =>
      room.serve(socket, client, (loggedIn) => {
        addresses.remember(socket, client, loggedIn);
        server.emit("connection", socket);
      });
    const relay: IngressRoutes["relay"] = (socket, head, client) =>
      room.relay(socket, client, () => {
        // The same port there as here.
        const { port } = tcp.address() as AddressInfo;
        relays.start(socket, head, lease.holder && { address: lease.holder.address, port }, client);
      });
    const { loadBalancerSubnets, brokerSubnets } = config;
    const route = ingress({
      listener: name,
      log,
      loadBalancerSubnets,
      brokerSubnets,
      isActive,
      serve,
      relay,
      health: checkHealth,
    });
    return tcp.on("connection", (socket) => {
      connections.add(socket);
      socket.once("close", () => connections.delete(socket));
      route(socket);
    });
  };
  const mqtt = listener("mqtt", tls.mqtt, undefined);
  const https = listener("wss", tls.https, (socket) => void tls.checks.emit("connection", socket));

  const close = async (): Promise<void> => {
    const ended = [mqtt, https]
      .filter(({ listening }) => listening)
      .map((server) => new Promise((resolve) => server.close(resolve)));
    // What is left: relayed connections, whose clients all come back at once, too.
    const ends = [...connections].map((socket) => () => void socket.destroy());
    await closeInBatches(ends, Math.random);
    // Came while those were ending.
    for (const socket of connections) socket.destroy();
    await Promise.all(ended);
  };
  try {
    await listen(mqtt, config.mqttPort, config.listenAddress, log);
    await listen(https, config.httpsPort, config.listenAddress, log);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    mqtt: (mqtt.address() as AddressInfo).port,
    https: (https.address() as AddressInfo).port,
    useCertificate: (next) => {
      for (const server of Object.values(tls)) server.setSecureContext(secureContext(next));
    },
    close,
  };
}

async function listen(server: Server, port: number, address: string, log: Logger): Promise<void> {
  server.listen(port, address, LIMITS.acceptBacklog);
  await once(server, "listening");
  // Out of file descriptors, say: a connection is lost, the server goes on.
  server.on("error", (error) => log.error({ error }, "listener-error"));
}
