import type { Vault } from "../../vault/vault";
import { limitLines } from "./abuse/limit-lines";
import { followLease } from "./activation";
import type { BrokerConfig } from "./config";
import type { Lease } from "./lease";
import { createLogger, type Logger } from "./logger";
import { Material, type PollIntervals } from "./material";
import { openLease } from "./open-lease";
import { openPorts } from "./open-ports";
import { boundOutboundTotal } from "./outbound-queue";
import { watchReadiness } from "./readiness";
import { createRelays } from "./relay";
import { FolderStore } from "./store/folder-store";
import type { MessageStore } from "./store/message-store";
import { waitForMaterial } from "./wait-for-material";
import { watchCertificate } from "./watch-certificate";
import { watchHolder } from "./watch-holder";

/** Certificates expire under live sessions: how often those are looked through, in milliseconds. */
const EXPIRY_CHECK_MS = 60_000;

export interface BrokerParts {
  readonly vault: Vault;
  /** @default the site's table in AWS, or a lock file beside the directory */
  readonly lease?: Lease;
  /** @default a folder for each epoch below the configured one */
  readonly store?: MessageStore;
  /** @default JSON lines on stdout */
  readonly log?: Logger;
  /** @default POLL_INTERVALS */
  readonly intervals?: PollIntervals;
  /** Milliseconds that clients of an earlier task have to come back before their wills are published. @default LIMITS */
  readonly willGraceMs?: number;
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
  /** Asks the active task's store something small; a standby has none, and answers at once. */
  readonly probeStore: () => Promise<unknown>;
  /**
   * Not ready, sessions ended, lease given back, connections ended in batches, closed.
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
  const { vault, intervals, willGraceMs, signal } = parts;
  const log = parts.log ?? createLogger(config.logLevel, config.site);
  const undo: (() => void | Promise<void>)[] = [];
  const undoAll = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    // The server certificate: without it not even a health check could be answered.
    const material = new Material({ vault, site: config.site, log, intervals });
    undo.push(() => material.stop());
    await material.start();
    await waitForMaterial(material, log, () => material.certificate !== undefined, signal);

    // Where what is acknowledged is kept: a task that may not write there could never take over.
    const store = parts.store ?? new FolderStore({ root: config.store, log });
    await store.check();

    // Who may be active. Nobody contends yet.
    const lease = parts.lease ?? openLease(config, log);
    undo.push(() => lease.stop());
    const relays = createRelays(limitLines(log), config.peerAddress);
    lease.on("holder", () => relays.end("the active task changed"));
    const { limits } = config;
    boundOutboundTotal(limits.outboundTotalBytes);
    const onActive = (): void => relays.end("this task is active now");
    let started = false;
    const onFailure = (error: Error): void => {
      // Before that `startBroker` itself throws it.
      if (!started) return;
      // Another task may have a mount that works; this one starts anew.
      void lease.release().finally(() => {
        throw error;
      });
    };
    const activation = followLease({ lease, store, material, log, limits, willGraceMs, onActive, onFailure });
    const release = (): Promise<void> => lease.release(activation.settled);
    undo.push(() => release().catch(() => undefined));

    // Health, then the ports that tell it.
    let leaseAnswered = false;
    let httpsPort = config.httpsPort;
    const readiness = watchReadiness({
      lease,
      log,
      couldTakeOver: () => leaseAnswered && material.missing.length === 0,
      port: () => httpsPort,
      localAddress: config.peerAddress,
    });
    undo.push(() => readiness.stop());
    const certificate = () => material.certificate!;
    const ports = await openPorts({ config, certificate, lease, activation, relays, health: readiness, log });
    undo.push(() => ports.close());
    httpsPort = ports.https;
    log.info({ mqtt: ports.mqtt, https: ports.https, listenAddress: config.listenAddress }, "listening");

    // Reload without a restart: the TLS context under live sessions, and a check of every session.
    material.on("certificate", (next) => {
      ports.useCertificate(next);
      activation.recheck();
    });
    material.on("identities", () => activation.recheck());
    const expiry = setInterval(() => activation.recheck(), EXPIRY_CHECK_MS);
    undo.push(() => clearInterval(expiry));
    undo.push(watchCertificate({ certificate: () => material.certificate, log }));

    // Credentials and access document.
    await waitForMaterial(material, log, () => material.missing.length === 0, signal);

    // Active or standby.
    signal?.addEventListener("abort", () => lease.stop(), { once: true });
    await lease.start();
    signal?.throwIfAborted();
    leaseAnswered = true;
    await activation.settled();
    started = true;
    const unwatchHolder = watchHolder({ lease, log });
    undo.push(unwatchHolder);
    log.info({ active: activation.isActive() }, "started");

    return {
      ports: { mqtt: ports.mqtt, https: ports.https },
      isActive: activation.isActive,
      whenActive: activation.whenActive,
      probeStore: activation.probeStore,
      close: async (drainMs = 0) => {
        log.info({ drainMs }, "stopping");
        // It gives the lease back and contends no more: what it would not see is no news.
        unwatchHolder();
        readiness.drain();
        await Promise.all([
          release().then(activation.connectionsEnded),
          drainMs > 0 && new Promise((resolve) => setTimeout(resolve, drainMs)),
        ]);
        await undoAll();
        log.info("stopped");
      },
    };
  } catch (error) {
    await undoAll();
    throw error;
  }
}
