import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { Aedes, type AedesOptions, type AuthenticateError, type Client } from "aedes";
import { readDecodedPackets, writeWholePackets } from "./aedes-internals";
import { authenticate, REFUSED, sessionFault, type Session } from "./authenticate";
import type { Gate } from "./gate";
import { LIMITS } from "./limits";
import type { Logger } from "./logger";
import type { Material } from "./material";
import { PacketRefused } from "./mqtt/packet-refused";
import { guardPersistence, type Persistence } from "./persistence";
import { quote } from "./quote";

/** One Aedes and its clients: what an active task runs for as long as it holds the lease. */
export interface Engine {
  readonly handle: (gate: Gate, request?: IncomingMessage) => void;
  /** Ends every session that would not be accepted today. Grants need nothing here: every delivery is asked for anew. */
  readonly recheck: () => void;
  /** Ends every connection, first of all; publishes no will: the clients are well and come back elsewhere. */
  readonly close: () => Promise<void>;
}

export interface EngineProps {
  readonly material: Material;
  readonly persistence: Persistence;
  readonly log: Logger;
  /** Whether this task holds the lease at this moment, by the monotonic clock. */
  readonly isActive: () => boolean;
}

/** What Aedes does not keep for us about a client. */
interface Known {
  readonly willTopic: string | undefined;
  session?: Session;
  endLogged?: boolean;
}

/** Starts Aedes with every hook denying unless the site's documents allow. */
export async function startEngine({ material, persistence, log, isActive }: EngineProps): Promise<Engine> {
  const known = new WeakMap<Client, Known>();
  const sessions = new Set<Client>();
  let closing = false;

  const gateOf = (client: Client): Gate => client.conn as Gate;
  const nameOf = (client: Client): string | undefined => known.get(client)?.session?.name;
  const about = (client: Client): Record<string, unknown> => {
    const { peer } = gateOf(client);
    return {
      listener: peer.listener,
      address: peer.address,
      port: peer.port,
      clientId: client.id ? quote(client.id) : undefined,
      identity: nameOf(client),
      certFp: peer.certificate?.fingerprint256,
    };
  };
  /** Denies when there is no session, no document, or the question itself fails. */
  const allowed = (
    client: Client | null,
    ask: "mayPublish" | "maySubscribe" | "mayReceive",
    topic: string,
  ): boolean => {
    const name = client ? nameOf(client) : undefined;
    try {
      return name !== undefined && (material.identities?.access[ask](name, topic) ?? false);
    } catch (error) {
      log.error({ error, ask }, "authorization-failed");
      return false;
    }
  };

  const hooks: AedesOptions = {
    preConnect: (client, packet, done) => {
      if (closing || !isActive()) return done(new Error("not the active task"), false);
      known.set(client, { willTopic: packet.will?.topic });
      const gate = gateOf(client);
      gate.once("close", () => sessions.delete(client));
      done(null, true);
    },

    authenticate: (client, userName, password, done) => {
      const refuse = (returnCode: number, reason: string): void => {
        log.warn(
          { ...about(client), userName: userName === undefined ? undefined : quote(userName), reason, returnCode },
          "client-refused",
        );
        done(Object.assign(new Error(reason), { returnCode }) as AuthenticateError, null);
      };
      const { identities, certificate } = material;
      if (!identities || !certificate)
        return refuse(REFUSED.unavailable, "credentials or access document are not there yet");
      try {
        const request = {
          clientId: client.id,
          userName,
          password,
          willTopic: known.get(client)?.willTopic,
          certificate: gateOf(client).peer.certificate,
        };
        const verdict = authenticate(request, identities, certificate.trust, new Date());
        if ("reason" in verdict) return refuse(verdict.returnCode, verdict.reason);
        known.get(client)!.session = verdict.session;
        sessions.add(client);
        log.info(about(client), "client-accepted");
        done(null, true);
      } catch (error) {
        log.error({ error }, "authentication-failed");
        refuse(REFUSED.unavailable, "authentication failed");
      }
    },

    // Asked for wills too, when the connection is lost.
    authorizePublish: (client, packet, done) => {
      if (closing) return done(new Error("closing"));
      // Overriding Aedes' own hook removes its guard of `$SYS`, where a client could disconnect others.
      if (!packet.topic.startsWith("$") && allowed(client, "mayPublish", packet.topic)) return done(null);
      if (client) log.warn({ ...about(client), topic: quote(packet.topic) }, "publish-denied");
      // MQTT 3.1.1, 3.3.5: no negative acknowledgement exists; the connection is closed.
      done(new Error("not authorized to publish"));
    },

    authorizeSubscribe: (client, subscription, done) => {
      if (allowed(client, "maySubscribe", subscription.topic)) return done(null, subscription);
      log.warn({ ...about(client), filter: quote(subscription.topic) }, "subscribe-denied");
      done(null, null);
    },

    authorizeForward: (client, packet) => (isActive() && allowed(client, "mayReceive", packet.topic) ? packet : null),
  };

  writeWholePackets();
  const aedes = await Aedes.createBroker({
    ...hooks,
    persistence: guardPersistence(persistence, (client, filter) => allowed(client, "maySubscribe", filter)),
    // 0: mqemitter's own queue recurses when it is released and can end the process (its pull request 204).
    concurrency: 0,
    connectTimeout: LIMITS.connectMs,
    drainTimeout: LIMITS.drainMs,
    queueLimit: LIMITS.queuedBehindConnect,
    maxInflightInbound: LIMITS.inflightInbound,
    maxTopicLevels: LIMITS.topicLevels,
  });

  /** Aedes says "connection closed" once for every delivery that was under way: the first is enough. */
  const logEnd = (client: Client, reason: string, rule?: string): void => {
    const state = known.get(client) ?? { willTopic: undefined };
    known.set(client, state);
    if (state.endLogged) return;
    state.endLogged = true;
    const { dropped } = gateOf(client);
    const level = state.session ? "info" : "debug";
    log[level]({ ...about(client), reason: quote(reason), rule, dropped: dropped || undefined }, "client-closed");
  };
  const logError = (client: Client, error: Error): void => {
    // Whoever breaks a rule of the standard, or of ours, is worth a line, also before it is known.
    if (!(error instanceof PacketRefused)) return logEnd(client, error.message);
    const { rule, returnCode } = error;
    log.warn({ ...about(client), reason: quote(error.message), rule, returnCode }, "packet-refused");
    known.set(client, { ...(known.get(client) ?? { willTopic: undefined }), endLogged: true });
  };
  aedes.on("clientError", logError);
  aedes.on("connectionError", logError);
  // Not before: what follows the CONNECT waits in the gate, and not in a queue of Aedes that has an end.
  aedes.on("connackSent", ({ returnCode }, client) => {
    if (returnCode === 0) gateOf(client).admit();
  });
  aedes.on("clientDisconnect", (client) => logEnd(client, "disconnected"));
  // The types leave this event out.
  (aedes as EventEmitter).on("error", (error: Error) => {
    log.fatal({ error }, "engine-failed");
    // Aedes emits this when its store failed under an acknowledged message: nothing it says after that can be trusted.
    setImmediate(() => {
      throw error;
    });
  });

  const recheck = (): void => {
    const { identities, certificate } = material;
    if (!identities || !certificate) return;
    const now = new Date();
    for (const client of sessions) {
      const session = known.get(client)?.session;
      const fault = session ? sessionFault(session, identities, certificate.trust, now) : "no session";
      if (fault) {
        log.warn({ ...about(client), reason: fault }, "session-ended");
        gateOf(client).destroy(new Error(fault));
      }
    }
  };

  return {
    handle: (gate, request) => readDecodedPackets(aedes.handle(gate, request)),
    recheck,
    close: async () => {
      closing = true;
      // With an error: what still waits to be sent, an acknowledgement say, must not leave after the lease is lost.
      for (const client of sessions) gateOf(client).destroy(new Error("this task is no longer the active one"));
      await new Promise<void>((resolve) => aedes.close(resolve));
    },
  };
}
