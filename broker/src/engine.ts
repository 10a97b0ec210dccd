import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { Aedes, type AedesOptions, type AuthenticateError, type Client } from "aedes";
import { writeWholePackets } from "./aedes-internals";
import { limitLines } from "./abuse/limit-lines";
import { subscriptionFault } from "./abuse/size-faults";
import { REFUSED, sessionFault, type Session } from "./authenticate";
import { authorizer, type Question } from "./authorize";
import { bounded } from "./bounded-hook";
import { closingDelays } from "./closing-delays";
import { Connected } from "./connected";
import { Delivery } from "./delivery/delivery";
import type { Gate } from "./gate";
import { HeldRefusals } from "./held-refusals";
import { LIMITS } from "./limits";
import { Login, type LoginVerdict } from "./login";
import type { Logger } from "./logger";
import type { Material } from "./material";
import { PacketRefused } from "./mqtt/packet-refused";
import type { KeyValue } from "./persistence/key-value";
import { PublishRates } from "./publish-rates";
import { quote } from "./quote";
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
   * @param gently their connections end in batches, so that the next active task is not run over.
   */
  readonly close: (gently?: boolean) => Promise<void>;
}

export interface EngineProps {
  readonly material: Material;
  /** Where sessions, queues and retained messages are kept. */
  readonly keyValue: KeyValue;
  readonly log: Logger;
  /** Whether this task holds the lease at this moment, by the monotonic clock. */
  readonly isActive: () => boolean;
  /** @default the table of limits */
  readonly limits?: SiteLimits;
}

/** What Aedes does not keep for us about a client. */
interface Known {
  readonly willTopic: string | undefined;
  session?: Session;
  endLogged?: boolean;
}

/** In the store; nobody reads it. */
const PROBE_KEY = "probe";

const unknownYet = (): Known => ({ willTopic: undefined });

/** Starts Aedes with every hook denying unless the site's documents allow. */
export async function startEngine(props: EngineProps): Promise<Engine> {
  const { material, keyValue, isActive, limits = DEFAULT_SITE_LIMITS } = props;
  const now = (): number => performance.now();
  const lineRate = { perSecond: LIMITS.logLinesPerKind, burst: LIMITS.logLinesPerKindBurst };
  const log = limitLines(props.log, lineRate, now);
  const login = new Login({ material: () => material });
  const rates = new PublishRates(limits);
  const connected = new Connected(limits, now);
  const held = new HeldRefusals();
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
  const authorize = authorizer({
    policy: () => material.identities?.access,
    onError: (error, ask) => log.error({ error, ask }, "authorization-failed"),
  });
  const allowed = (client: Client | null, ask: Question, topic: string): boolean =>
    authorize(client ? nameOf(client) : undefined, ask, topic);

  const accept = (client: Client, session: Session): void => {
    known.get(client)!.session = session;
    sessions.add(client);
    gateOf(client).once("close", connected.add(session.name, client.id));
    log.info(about(client), "client-accepted");
  };

  const fail = (error: Error): void => {
    log.fatal({ error }, "engine-failed");
    // The store failed, or Aedes did: nothing that is said after that can be trusted.
    setImmediate(() => {
      throw error;
    });
  };

  const hooks: AedesOptions = {
    preConnect: (client, packet, done) => {
      if (closing || !isActive()) return done(new Error("not the active task"), false);
      known.set(client, { ...unknownYet(), willTopic: packet.will?.topic });
      const gate = gateOf(client);
      gate.once("close", () => sessions.delete(client));
      done(null, true);
    },

    authenticate: (client, userName, password, done) => {
      const refuse = ({ returnCode, reason, holdMs }: Exclude<LoginVerdict, { session: Session }>): void => {
        log.warn(
          { ...about(client), userName: userName === undefined ? undefined : quote(userName), reason, returnCode },
          "client-refused",
        );
        const error = Object.assign(new Error(reason), { returnCode }) as AuthenticateError;
        if (holdMs === 0) return done(error, null);
        if (!held.hold(holdMs, () => done(error, null))) gateOf(client).destroy(error);
      };
      const denied = (reason: string, error?: unknown): LoginVerdict => {
        log.error({ error, reason }, "authentication-failed");
        return { returnCode: REFUSED.unavailable, reason: "authentication failed", unproven: false, holdMs: 0 };
      };
      const { peer } = gateOf(client);
      const request = {
        clientId: client.id,
        userName,
        password,
        willTopic: known.get(client)?.willTopic,
        certificate: peer.certificate,
        address: peer.address,
      };
      bounded<LoginVerdict>(
        { withinMs: LIMITS.authenticationMs, denied },
        (settle) => {
          const verdict = login.decide(request);
          const fault = "session" in verdict ? connected.fault(verdict.session.name, client.id) : undefined;
          settle(fault ? { returnCode: REFUSED.unavailable, reason: fault, unproven: false, holdMs: 0 } : verdict);
        },
        (verdict) => {
          if (!("session" in verdict)) return refuse(verdict);
          accept(client, verdict.session);
          done(null, true);
        },
      );
    },

    // Asked for wills too, when the connection is lost.
    authorizePublish: (client, packet, done) => {
      if (closing) return done(new Error("closing"));
      // Overriding Aedes' own hook removes its guard of `$SYS`, where a client could disconnect others: `authorizer` has it.
      if (client && allowed(client, "mayPublish", packet.topic)) {
        // A will: its client can no longer be held back.
        if (client.closed) return done(null);
        const name = nameOf(client)!;
        const bytes = packet.topic.length + packet.payload.length;
        const gate = gateOf(client);
        let gone: (() => void) | undefined;
        const go = (): void => {
          if (!gone) return done(null);
          gate.off("close", gone);
          // It waited: its grants may have gone meanwhile.
          if (allowed(client, "mayPublish", packet.topic)) return done(null);
          log.warn({ ...about(client), topic: quote(packet.topic) }, "publish-denied");
          done(new Error("not authorized to publish any more"));
        };
        // Or whoever comes and goes would leave a message each time.
        const paced = rates.pace(name, bytes, go, (forget) => gate.once("close", (gone = forget)));
        if (paced === "held back") log.warn({ ...about(client), topic: quote(packet.topic) }, "publish-held-back");
        if (paced !== "too much") return;
        log.warn({ ...about(client), reason: "above its rate for too long" }, "session-ended");
        return done(new Error("above its publish rate for too long"));
      }
      if (client) log.warn({ ...about(client), topic: quote(packet.topic) }, "publish-denied");
      // MQTT 3.1.1, 3.3.5: no negative acknowledgement exists; the connection is closed.
      done(new Error("not authorized to publish"));
    },

    authorizeSubscribe: (client, subscription, done) => {
      const { topic: filter } = subscription;
      bounded<string | undefined>(
        { withinMs: LIMITS.hookMs, denied: (reason) => reason },
        (settle) =>
          settle(
            allowed(client, "maySubscribe", filter)
              ? subscriptionFault(filter, delivery.sessions.get(client.id)?.subscriptions ?? new Map())
              : "no grant covers all of it",
          ),
        (fault) => {
          if (!fault) return done(null, subscription);
          log.warn({ ...about(client), filter: quote(filter), reason: fault }, "subscribe-denied");
          done(null, null);
        },
      );
    },
  };

  const delivery = await Delivery.open({
    keyValue,
    log,
    policy: {
      isDeclared: (name) => material.identities?.access.identity(name) !== undefined,
      mayPublish: (name, topic) => authorize(name, "mayPublish", topic),
      maySubscribe: (name, filter) => authorize(name, "maySubscribe", filter),
      mayReceive: (name, topic) => authorize(name, "mayReceive", topic),
    },
    identityOf: nameOf,
    authorizePublish: hooks.authorizePublish!,
    authorizeSubscribe: hooks.authorizeSubscribe!,
    isActive,
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

  /** Aedes says "connection closed" once for every delivery that was under way: the first is enough. */
  const logEnd = (client: Client, reason: string, rule?: string): void => {
    const state = known.get(client) ?? unknownYet();
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
    known.set(client, { ...(known.get(client) ?? unknownYet()), endLogged: true });
  };
  aedes.on("clientError", logError);
  aedes.on("connectionError", logError);
  // Not before: what follows the CONNECT waits in the gate, and not in a queue of Aedes that has an end.
  aedes.on("connackSent", ({ returnCode }, client) => {
    if (returnCode === 0) gateOf(client).admit();
  });
  aedes.on("clientDisconnect", (client) => logEnd(client, "disconnected"));
  // The types leave this event out.
  (aedes as EventEmitter).on("error", fail);

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
      const delays = closingDelays(gently ? sessions.size : 0, Math.random);
      // With an error: what still waits to be sent, an acknowledgement say, must not leave after the lease is lost.
      const reason = new Error("this task is no longer the active one");
      [...sessions].forEach((client, i) => gateOf(client).abandon(reason, delays[i] ?? 0));
      await stopped;
      await new Promise<void>((resolve) => aedes.close(resolve));
    },
  };
}
