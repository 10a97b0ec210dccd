import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { Aedes } from "aedes";
import { limitLines } from "./abuse/limit-lines";
import { writeWholePackets } from "./aedes-internals";
import { authorizer } from "./authorize";
import { closeInBatches } from "./close-in-batches";
import { Delivery } from "./delivery/delivery";
import { engineHooks } from "./engine-hooks";
import type { Gate } from "./gate";
import { gateOf, KnownClients } from "./known-clients";
import { LIMITS } from "./limits";
import type { Logger } from "./logger";
import type { Material } from "./material";
import type { KeyValue } from "./persistence/key-value";
import { DEFAULT_SITE_LIMITS, type SiteLimits } from "./site-limits";

/** One Aedes and its clients: what an active task runs for as long as it holds the lease. */
export interface Engine {
  readonly handle: (gate: Gate, request?: IncomingMessage) => void;
  /** Ends every session that would not be accepted today, and every subscription that would not be granted. */
  readonly recheck: () => void;
  /** Writes something small; resolves when the store has it. */
  readonly probeStore: () => Promise<void>;
  /**
   * Ends every session, first of all: no byte is read or written any more. Publishes no will: the clients are well and
   * come back elsewhere.
   * Resolves when the store is not used any more: the next active task need not wait for connections that only have to end.
   * @param gently their connections end in batches, so that the next active task is not run over.
   */
  readonly close: (gently?: boolean) => Promise<void>;
  /** After `close`: resolves when the last connection has ended. */
  readonly ended: () => Promise<void>;
}

export interface EngineProps {
  readonly material: Material;
  /** Where sessions, queues and retained messages are kept. */
  readonly keyValue: KeyValue;
  readonly log: Logger;
  /** Whether this task holds the lease at this moment, by the monotonic clock. */
  readonly isActive: () => boolean;
  /** Milliseconds that clients of an earlier task have to come back before their wills are published. @default LIMITS */
  readonly willGraceMs?: number | undefined;
  /** @default the table of limits */
  readonly limits?: SiteLimits;
}

/** In the store; nobody reads it. */
const PROBE_KEY = "probe";

/** Starts Aedes with every hook denying unless the site's documents allow. */
export async function startEngine(props: EngineProps): Promise<Engine> {
  const { material, keyValue, isActive, willGraceMs, limits = DEFAULT_SITE_LIMITS } = props;
  const log = limitLines(props.log);
  const clients = new KnownClients(material, log);
  let closing = false;
  let ended: Promise<void> = Promise.resolve();

  const authorize = authorizer({
    policy: () => material.identities?.access,
    onError: (error, ask) => log.error({ error, ask }, "authorization-failed"),
  });

  const fail = (error: Error): void => {
    log.fatal({ error }, "engine-failed");
    // The store failed, or Aedes did: nothing that is said after that can be trusted.
    setImmediate(() => {
      throw error;
    });
  };

  const hooks = engineHooks({
    clients,
    material,
    authorize,
    limits,
    log,
    isActive,
    isClosing: () => closing,
    filtersOf: (client) => delivery.sessions.get(client.id)?.subscriptions ?? new Map(),
    hasRoom: (client, filter) => {
      const session = delivery.sessions.get(client.id);
      return session !== undefined && delivery.sessions.hasRoom(session, filter);
    },
  });

  const delivery = await Delivery.open({
    keyValue,
    log,
    policy: {
      isDeclared: (name) => material.identities?.access.identity(name) !== undefined,
      mayPublish: (name, topic) => authorize(name, "mayPublish", topic),
      maySubscribe: (name, filter) => authorize(name, "maySubscribe", filter),
      mayReceive: (name, topic) => authorize(name, "mayReceive", topic),
      admissionFault: (name, admission) => clients.admissionFault(name, admission),
    },
    identityOf: (client) => clients.nameOf(client),
    admissionOf: (client) => clients.admissionOf(client),
    authorizePublish: hooks.authorizePublish,
    authorizeSubscribe: hooks.authorizeSubscribe,
    isActive,
    willGraceMs,
    queueLimits: { ...LIMITS, queuedBytesInAll: limits.queuedBytesInAll },
    retainedLimits: { ...LIMITS, retainedBytes: limits.retainedBytes },
    subscriptionBytes: limits.subscriptionBytes,
    onFailure: fail,
  });

  writeWholePackets();
  const aedes = await Aedes.createBroker({
    ...hooks,
    ...delivery.options,
    connectTimeout: LIMITS.connectMs,
    drainTimeout: LIMITS.drainMs,
    queueLimit: LIMITS.queuedBehindConnect,
    maxTopicLevels: LIMITS.topicLevels,
  });
  delivery.follow(aedes);

  aedes.on("clientError", (client, error) => clients.logError(client, error));
  aedes.on("connectionError", (client, error) => clients.logError(client, error));
  // Not before: what follows the CONNECT waits in the gate, and not in a queue of Aedes that has an end.
  aedes.on("connackSent", ({ returnCode }, client) => {
    if (returnCode === 0) gateOf(client).admit();
  });
  aedes.on("clientDisconnect", (client) => clients.logEnd(client, "disconnected"));
  // The types leave this event out.
  (aedes as EventEmitter).on("error", fail);

  const recheck = (): void => {
    if (!material.identities || !material.certificate) return;
    for (const client of clients.accepted) {
      const fault = clients.faultToday(client);
      if (fault) {
        log.warn({ ...clients.about(client), reason: fault }, "session-ended");
        gateOf(client).destroy(new Error(fault));
      } else clients.sayExpiry(client);
    }
    delivery.recheck();
  };

  return {
    handle: (gate, request) => delivery.adopt(aedes.handle(gate, request)),
    recheck,
    probeStore: () => keyValue.batch([{ type: "put", key: PROBE_KEY, value: Buffer.alloc(0) }]),
    close: async (gently = false) => {
      closing = true;
      // What is not stored by now was not acknowledged either.
      const stopped = delivery.stop();
      // With an error: what still waits to be sent, an acknowledgement say, must not leave after the lease is lost.
      const reason = new Error("this task is no longer the active one");
      const ends = [...clients.accepted].map((client) => gateOf(client).abandon(reason));
      if (!gently) for (const end of ends) end();
      ended = (gently ? closeInBatches(ends, Math.random) : Promise.resolve())
        .then(() => stopped)
        .then(() => new Promise<void>((resolve) => aedes.close(resolve)));
      await stopped;
    },
    ended: () => ended,
  };
}
