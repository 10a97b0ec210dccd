import type { AedesOptions, AuthenticateError, Client } from "aedes";
import { subscriptionFault } from "./abuse/size-faults";
import { REFUSED, type Session } from "./authenticate";
import type { Authorize, Question } from "./authorize";
import { bounded } from "./bounded-hook";
import { Connected } from "./connected";
import { HeldRefusals } from "./held-refusals";
import { gateOf, type KnownClients } from "./known-clients";
import { LIMITS } from "./limits";
import { Login, type LoginVerdict } from "./login";
import type { Logger } from "./logger";
import type { Material } from "./material";
import { PublishRates } from "./publish-rates";
import { quote } from "./quote";
import type { SiteLimits } from "./site-limits";

export interface EngineHooksProps {
  readonly clients: KnownClients;
  readonly material: Material;
  readonly authorize: Authorize;
  readonly limits: SiteLimits;
  readonly log: Logger;
  /** Whether this task holds the lease at this moment. */
  readonly isActive: () => boolean;
  /** Whether the engine ends: nobody comes in, and nothing is published. */
  readonly isClosing: () => boolean;
  /** The client's distinct filters. */
  readonly filtersOf: (client: Client) => Parameters<typeof subscriptionFault>[1];
  /** Whether the memory for filters has room for this one of the client's. */
  readonly hasRoom: (client: Client, filter: string) => boolean;
}

type Hook = "preConnect" | "authenticate" | "authorizePublish" | "authorizeSubscribe";

/** What Aedes asks before anything happens: who may come in, publish and subscribe. What is not allowed is denied. */
export function engineHooks(props: EngineHooksProps): Required<Pick<AedesOptions, Hook>> {
  const { clients, material, authorize, limits, log, isActive, isClosing, filtersOf, hasRoom } = props;
  const login = new Login({ material: () => material });
  const rates = new PublishRates(limits);
  const connected = new Connected(limits, () => performance.now());
  const held = new HeldRefusals();
  const allowed = (client: Client | null, ask: Question, topic: string): boolean =>
    authorize(client ? clients.nameOf(client) : undefined, ask, topic);

  /** A will speaks for its client: who would not be let in today, because it was revoked say, is not spoken for. */
  const publishWill = (client: Client, topic: string, done: (error?: Error | null) => void): void => {
    const reason =
      clients.faultToday(client) ?? (allowed(client, "mayPublish", topic) ? undefined : "it may not publish there");
    if (reason === undefined) return done(null);
    log.warn({ ...clients.about(client), topic: quote(topic), reason }, "will-dropped");
    done(new Error(`will: ${reason}`));
  };

  return {
    preConnect: (client, packet, done) => {
      if (isClosing() || !isActive()) return done(new Error("not the active task"), false);
      clients.greet(client, packet.will?.topic);
      done(null, true);
    },

    authenticate: (client, userName, password, done) => {
      // Aedes asks a turn after the CONNECT came: of who has gone in it nobody would hear that its place is free again.
      if (gateOf(client).destroyed) return;
      const refuse = ({ returnCode, reason, holdMs }: Exclude<LoginVerdict, { session: Session }>): void => {
        log.warn(
          {
            ...clients.about(client),
            userName: userName === undefined ? undefined : quote(userName),
            reason,
            returnCode,
          },
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
        willTopic: clients.willTopic(client),
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
          gateOf(client).once("close", connected.add(verdict.session.name, client.id));
          clients.accept(client, verdict.session);
          done(null, true);
        },
      );
    },

    // Asked for wills too, when the connection is gone.
    authorizePublish: (client, packet, done) => {
      if (isClosing()) return done(new Error("closing"));
      if (client?.closed) return publishWill(client, packet.topic, done);
      // Overriding Aedes' own hook removes its guard of `$SYS`, where a client could disconnect others: `authorizer` has it.
      if (client && allowed(client, "mayPublish", packet.topic)) {
        const name = clients.nameOf(client)!;
        const bytes = packet.topic.length + packet.payload.length;
        const gate = gateOf(client);
        let gone: (() => void) | undefined;
        const go = (): void => {
          if (!gone) return done(null);
          gate.off("close", gone);
          // It waited: its grants may have gone meanwhile.
          if (allowed(client, "mayPublish", packet.topic)) return done(null);
          log.warn({ ...clients.about(client), topic: quote(packet.topic) }, "publish-denied");
          done(new Error("not authorized to publish any more"));
        };
        // Or whoever comes and goes would leave a message each time.
        const paced = rates.pace(name, bytes, go, (forget) => gate.once("close", (gone = forget)));
        if (paced === "held back")
          log.warn({ ...clients.about(client), topic: quote(packet.topic) }, "publish-held-back");
        if (paced !== "too much") return;
        log.warn({ ...clients.about(client), reason: "above its rate for too long" }, "session-ended");
        return done(new Error("above its publish rate for too long"));
      }
      if (client) log.warn({ ...clients.about(client), topic: quote(packet.topic) }, "publish-denied");
      // MQTT 3.1.1, 3.3.5: no negative acknowledgement exists; the connection is closed.
      done(new Error("not authorized to publish"));
    },

    authorizeSubscribe: (client, subscription, done) => {
      const { topic: filter } = subscription;
      const sizeFault = (): string | undefined =>
        subscriptionFault(filter, filtersOf(client)) ??
        (hasRoom(client, filter) ? undefined : "the filters of its identity take as much memory as they may");
      bounded<string | undefined>(
        { withinMs: LIMITS.hookMs, denied: (reason) => reason },
        (settle) => settle(allowed(client, "maySubscribe", filter) ? sizeFault() : "no grant covers all of it"),
        (fault) => {
          if (!fault) return done(null, subscription);
          log.warn({ ...clients.about(client), filter: quote(filter), reason: fault }, "subscribe-denied");
          done(null, null);
        },
      );
    },
  };
}
