import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import type { Vault } from "../../vault/vault";
import { ClientAddresses } from "./client-addresses";
import type { BrokerConfig } from "./config";
import { startEngine, type Engine } from "./engine";
import type { Gate } from "./gate";
import { createHealthServer } from "./health";
import { createHttpsServer } from "./https-server";
import { ingress } from "./ingress";
import type { Lease } from "./lease";
import { LIMITS } from "./limits";
import { createLogger, type Logger } from "./logger";
import { Material, type PollIntervals } from "./material";
import { createMqttServer } from "./mqtt-server";
import { openLease } from "./open-lease";
import { memoryPersistence } from "./persistence";
import { watchReadiness } from "./readiness";
import { upgradeRules } from "./refuse-upgrade";
import { createRelays } from "./relay";
import { secureContext } from "./tls-options";
import { waitForMaterial } from "./wait-for-material";

export interface BrokerParts {
  readonly vault: Vault;
  /** @default the site's table in AWS, or a lock file beside the directory */
  readonly lease?: Lease;
  /** @default JSON lines on stdout */
  readonly log?: Logger;
  /** @default POLL_INTERVALS */
  readonly intervals?: PollIntervals;
  /** Gives up waiting for what is not there yet; a running broker is stopped by `close`. @default never */
  readonly signal?: AbortSignal;
}

export interface RunningBroker {
  /** The ports that it listens on. */
  readonly ports: { readonly mqtt: number; readonly https: number };
  /** Whether this task is the active one at this moment. */
  readonly isActive: () => boolean;
  /** Resolves when this task serves as the active one. */
  readonly whenActive: () => Promise<void>;
  /**
   * Not ready, sessions ended, lease given back, closed.
   * @param drainMs keeps passing new connections to the next active task for so long, until the load balancer has
   *   stopped sending them. @default 0
   */
  readonly close: (drainMs?: number) => Promise<void>;
}

/**
 * Starts one broker task in this process. Resolves when it listens, has all it needs and knows who is active: itself or
 * another.
 * @throws when a port is taken or may not be used, the lease's lock is held, or `signal` is aborted.
 */
export async function startBroker(config: BrokerConfig, parts: BrokerParts): Promise<RunningBroker> {
  const { vault, intervals, signal } = parts;
  const log = parts.log ?? createLogger(config.logLevel, config.site);
  const undo: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    // 1. The server certificate: without it not even a health check could be answered.
    const material = new Material({ vault, site: config.site, log, intervals });
    undo.push(() => material.stop());
    await material.start();
    await waitForMaterial(material, log, () => material.certificate !== undefined, signal);

    // 2. Who may be active. It contends only once everything is there.
    const lease = parts.lease ?? openLease(config, log);
    undo.push(() => lease.stop());
    let engine: Engine | undefined;
    let leaseAnswered = false;
    const isActive = (): boolean => engine !== undefined && lease.epoch !== undefined;

    // 3. TLS and routes of both ports.
    const addresses = new ClientAddresses();
    const relays = createRelays(log, config.peerAddress);
    const certificate = () => material.certificate!;
    const serve = { certificate, addresses, log };
    const attach = (gate: Gate, request?: Parameters<Engine["handle"]>[1]): void => {
      if (engine && isActive()) engine.handle(gate, request);
      else gate.destroy();
    };
    const health = { ready: (): boolean => readiness.ready() };
    const rules = upgradeRules({ origins: config.origins, certificate, isActive });
    const mqtt = createMqttServer(serve, attach);
    const https = createHttpsServer({ ...serve, health, rules }, attach);
    const checks = createHealthServer(certificate(), health);
    const clients = new Set<object>();
    const routes = (listener: "mqtt" | "wss", server: Server, port: () => number, healthServer?: Server) =>
      ingress({
        listener,
        log,
        loadBalancerSubnets: config.loadBalancerSubnets,
        brokerSubnets: config.brokerSubnets,
        isActive,
        health: healthServer && ((socket) => void healthServer.emit("connection", socket)),
        serve: (socket, client) => {
          addresses.remember(socket, client);
          server.emit("connection", socket);
        },
        relay: (socket, head, client) =>
          relays.start(socket, head, lease.holder && { address: lease.holder.address, port: port() }, client),
      });
    const ports = { mqtt: 0, https: 0 };
    const mqttRoutes = routes("mqtt", mqtt, () => ports.mqtt);
    const httpsRoutes = routes("wss", https, () => ports.https, checks);
    const listener = (route: typeof mqttRoutes): Server =>
      createServer({ allowHalfOpen: true }, (socket) => {
        if (clients.size >= LIMITS.connections) {
          log.warn({ address: socket.remoteAddress, limit: LIMITS.connections }, "too-many-connections");
          return void socket.destroy();
        }
        clients.add(socket);
        socket.once("close", () => clients.delete(socket));
        route(socket);
      });
    const listeners = { mqtt: listener(mqttRoutes), https: listener(httpsRoutes) };

    // 4. Reload without a restart: the TLS context under live sessions, identities with a check of every session.
    material.on("certificate", (next) => {
      for (const server of [mqtt, https, checks]) server.setSecureContext(secureContext(next));
      engine?.recheck();
    });
    material.on("identities", () => engine?.recheck());
    const expiry = setInterval(() => engine?.recheck(), 60_000);
    undo.push(() => clearInterval(expiry));

    // 5. The two ports.
    ports.mqtt = await listen(listeners.mqtt, config.mqttPort, config.listenAddress);
    undo.push(() => closeServer(listeners.mqtt));
    ports.https = await listen(listeners.https, config.httpsPort, config.listenAddress);
    undo.push(() => closeServer(listeners.https));
    const couldTakeOver = (): boolean => material.missing.length === 0 && leaseAnswered;
    const readiness = watchReadiness({
      lease,
      log,
      couldTakeOver,
      port: ports.https,
      localAddress: config.peerAddress,
    });
    undo.push(() => readiness.stop());
    log.info({ ...ports, listenAddress: config.listenAddress }, "listening");

    // 6. Credentials and access document.
    await waitForMaterial(material, log, () => material.missing.length === 0, signal);

    // 7. Active or standby.
    let waiting: (() => void)[] = [];
    const engineChanges = serial();
    const deactivate = async (reason: string): Promise<void> => {
      const former = engine;
      engine = undefined;
      if (!former) return;
      log.warn({ reason }, "not-active");
      await former.close();
    };
    const activate = async (epoch: number): Promise<void> => {
      if (lease.epoch !== epoch) return;
      engine = await startEngine({
        material,
        persistence: memoryPersistence(),
        log,
        isActive: () => lease.epoch === epoch,
      });
      relays.end("this task is active now");
      log.info({ epoch }, "active");
      for (const resolve of waiting.splice(0)) resolve();
    };
    lease.on("acquired", (epoch) => void engineChanges(() => activate(epoch)));
    lease.on("lost", (reason) => {
      // At once, not in its turn: what comes after the deadline must find no session.
      const ended = deactivate(reason);
      void engineChanges(() => ended);
    });
    lease.on("holder", () => relays.end("the active task changed"));
    undo.push(() => engineChanges(() => deactivate("closing")));
    await lease.start();
    await engineChanges(async () => undefined);
    leaseAnswered = true;
    log.info({ active: isActive() }, "started");

    return {
      ports,
      isActive,
      whenActive: () => (isActive() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
      close: async (drainMs = 0) => {
        readiness.drain();
        log.info({ drainMs }, "stopping");
        await lease.release();
        await engineChanges(async () => undefined);
        if (drainMs > 0) await new Promise((resolve) => setTimeout(resolve, drainMs));
        relays.end("stopping");
        for (const socket of clients) (socket as { destroy(): void }).destroy();
        await close();
        waiting = [];
        log.info("stopped");
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listen(server: Server, port: number, address: string): Promise<number> {
  server.listen(port, address);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** @returns runs what it is given one after the other. */
function serial(): (task: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (task) => (last = last.then(task, task));
}
