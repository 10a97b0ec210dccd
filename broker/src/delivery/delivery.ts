import type { Aedes, AedesOptions, Client } from "aedes";
import { FilterRates } from "../abuse/filter-rates";
import { readDecodedPackets, type PassOn } from "../aedes-internals";
import type { Gate } from "../gate";
import { LIMITS } from "../limits";
import type { Logger } from "../logger";
import type { OutgoingPacket } from "../mqtt/encode-packet";
import type { Packet } from "../mqtt/packet";
import { Journal } from "../persistence/journal";
import type { KeyValue } from "../persistence/key-value";
import { quote } from "../quote";
import { AgeMarks } from "./age-marks";
import { AedesPersistence } from "./aedes-persistence";
import type { DeliveryPolicy } from "./delivery-policy";
import { Emitter } from "./emitter";
import { handleAcknowledgement } from "./handle-acknowledgement";
import { handlePublish } from "./handle-publish";
import { handleSubscribe } from "./handle-subscribe";
import { handleUnsubscribe } from "./handle-unsubscribe";
import type { AuthorizePublish, AuthorizeSubscribe } from "./hooks";
import { Inbox } from "./inbox";
import { Message } from "./message";
import type { Outlet } from "./outlet";
import type { Done, PacketContext } from "./packet-context";
import type { QueueLimits } from "./queue-limits";
import { QueueStore } from "./queue-store";
import { dropRefused, recheckSessions } from "./recheck-sessions";
import { restore } from "./restore";
import { RetainedMessages, type RetainedLimits } from "./retained-messages";
import { Router } from "./router";
import { Sessions } from "./sessions";
import { Wills } from "./wills";

export interface DeliveryProps {
  readonly keyValue: KeyValue;
  readonly log: Logger;
  readonly policy: DeliveryPolicy;
  readonly identityOf: (client: Client) => string | undefined;
  /** What a client was accepted on, to be stored with its will. @default nothing */
  readonly admissionOf?: (client: Client) => Buffer | undefined;
  readonly authorizePublish: AuthorizePublish;
  readonly authorizeSubscribe: AuthorizeSubscribe;
  /** Whether this task holds the lease at this moment: nothing is acknowledged or sent by one that does not. */
  readonly isActive: () => boolean;
  /** The store failed: nothing can be acknowledged any more. */
  readonly onFailure: (error: Error) => void;
  /** @default LIMITS */
  readonly queueLimits?: QueueLimits | undefined;
  /** @default LIMITS */
  readonly retainedLimits?: RetainedLimits | undefined;
  /** What the filters of all sessions may take. @default LIMITS */
  readonly subscriptionBytes?: number | undefined;
  /** Milliseconds that clients of an earlier task have to come back before their wills are published. @default LIMITS */
  readonly willGraceMs?: number | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** How often a client that is held back is seen to: below one and a half times the shortest keep alive, a second. */
const HELD_LOOK_MS = 500;

/** Messages, subscriptions and sessions (decision 13 in docs/decisions): everything behind CONNACK. */
export class Delivery {
  /** With which Aedes is to be created; its other hooks are the caller's. */
  readonly options: AedesOptions;
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly #props: DeliveryProps;
  readonly #journal: Journal;
  readonly #router: Router;
  readonly #wills: Wills;
  readonly #store: QueueStore;
  readonly #marks: AgeMarks;
  readonly #filterRates = new FilterRates();
  readonly #inboxes = new WeakMap<Client, Inbox>();
  readonly #contexts = new WeakMap<Client, PacketContext>();
  readonly #timers: NodeJS.Timeout[] = [];

  private constructor(props: DeliveryProps, journal: Journal, store: QueueStore) {
    const { log, policy, isActive, identityOf, admissionOf = () => undefined } = props;
    this.#props = props;
    this.#journal = journal;
    const { queueLimits: limits, subscriptionBytes } = props;
    this.sessions = new Sessions({ journal, store, log, limits, subscriptionBytes });
    this.retained = new RetainedMessages(journal, props.retainedLimits);
    this.#wills = new Wills(journal);
    this.#store = store;
    this.#marks = new AgeMarks(journal);
    const mayReceive = (identity: string, topic: string): boolean => policy.mayReceive(identity, topic);
    this.#router = new Router({ sessions: this.sessions, retained: this.retained, journal, log, mayReceive });
    const onConnected = (client: Client): void => this.#onConnected(client);
    const { sessions } = this;
    const wills = this.#wills;
    const persistence = new AedesPersistence({ sessions, wills, journal, identityOf, admissionOf, onConnected });
    const emitter = new Emitter((topic, payload, qos, retain, willOf) => {
      if (!isActive()) return;
      // In one batch: a crash finds the will stored or published, never neither nor both.
      const identity = willOf === undefined ? undefined : persistence.forgetPublishedWill(willOf);
      this.#router.publish(new Message(topic, payload, qos, retain), identity);
    });
    this.options = {
      mq: emitter,
      persistence,
      // Asked for wills alone.
      authorizePublish: props.authorizePublish,
      // Aedes itself subscribes and forwards nothing.
      authorizeSubscribe: (_, __, done) => done(null, null),
      authorizeForward: () => null,
      concurrency: 0,
    };
  }

  /** Takes over what is in the store. */
  static async open(props: DeliveryProps): Promise<Delivery> {
    const { keyValue, onFailure, isActive } = props;
    const journal = new Journal({ store: keyValue, onFailure, mayAcknowledge: isActive });
    const store = new QueueStore(journal);
    const delivery = new Delivery(props, journal, store);
    const { sessions, retained } = delivery;
    await restore({ keyValue, store, sessions, retained, wills: delivery.#wills, marks: delivery.#marks });
    // The grants may have changed since it was stored.
    delivery.recheck();
    delivery.expireQueued();
    delivery.#startTimers();
    return delivery;
  }

  /** Follows the connections of the one that was created with `options`. */
  follow(aedes: Aedes): void {
    aedes.on("client", (client) => this.#attach(client));
    aedes.on("clientDisconnect", (client) => this.#detach(client));
  }

  /** Handles a new connection's packets from now on; Aedes gets what is its own. */
  adopt(client: Client): void {
    const passOn = readDecodedPackets(client, (packet) => {
      // Only the first packet can be one: the gate has seen to it [MQTT-3.1.0-2].
      if (packet.cmd === "connect") passOn(packet);
      else inbox.receive(packet);
    });
    const inbox: Inbox = new Inbox({
      handle: (packet, done) => this.#handle(client, packet, done, passOn),
      onError: (error) => void client.emit("error", error),
      pause: passOn.pause,
      resume: passOn.resume,
      alive: passOn.alive,
    });
    this.#inboxes.set(client, inbox);
  }

  /** Aedes has registered the client, before CONNACK; the one before it, if any, is gone. */
  #attach(client: Client): void {
    // Aedes registers also one that has gone while its will was being stored: it takes nothing over.
    if (client.closed) return;
    const identity = this.#props.identityOf(client);
    if (identity === undefined) return void client.conn.destroy();
    const gate = client.conn as Gate;
    const { authorizePublish, authorizeSubscribe, isActive } = this.#props;
    const session = this.sessions.attach(client, identity);
    // CONNACK says that the session is there, or is gone: it leaves when the store knows.
    gate.holdConnack((leave) =>
      this.#journal.afterCommit(() => {
        if (session.client === client && isActive()) leave();
      }),
    );
    // Aedes forgets to say so of a client whose registration another one's end has taken along.
    client.conn.once("close", () => this.#detach(client));
    this.#contexts.set(client, {
      client,
      session,
      sessions: this.sessions,
      router: this.#router,
      retained: this.retained,
      journal: this.#journal,
      filterRates: this.#filterRates,
      authorizePublish,
      authorizeSubscribe,
      send: (packet: OutgoingPacket) => {
        if (session.client === client && isActive()) gate.send(packet);
      },
    });
  }

  #detach(client: Client): void {
    this.#inboxes.get(client)?.close();
    this.sessions.detach(client);
  }

  /**
   * The access document changed: every subscription and every queued message, of sessions with and without a connection, is
   * held against it now.
   */
  recheck(): void {
    this.#router.forget();
    const { policy, log } = this.#props;
    recheckSessions({ sessions: this.sessions, policy, log });
  }

  /** From now on nothing is stored, sent or acknowledged: what happens next is another task's. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#journal.end();
  }

  #onConnected(client: Client): void {
    const session = this.#contexts.get(client)?.session;
    if (session?.client !== client) return;
    dropRefused(session, this.#props.policy);
    session.queue.connect(this.#outlet(client.conn as Gate));
    this.#inboxes.get(client)?.open();
  }

  /** What the store keeps may leave only while this task is the active one: the next one must know what was sent. */
  #outlet(gate: Gate): Outlet {
    const { isActive } = this.#props;
    return {
      send: (packet) => {
        if ((packet.cmd === "publish" && packet.qos === 0) || isActive()) gate.send(packet);
      },
      get isCongested() {
        return gate.isCongested;
      },
      relieved: () => gate.relieved(),
    };
  }

  /** Who makes the store more work than it does waits for it: memory for what it did not do yet is bounded. */
  #keepPace(done: Done): Done {
    return (error) => {
      if (error || this.#journal.backlog <= LIMITS.storeBacklogBytes) return done(error);
      this.#journal.afterCommit(() => done());
    };
  }

  /** Who asked for many filters waits with the next ones, and is read from no more meanwhile. */
  #whenPaid({ client, session }: PacketContext, alive: () => void, handle: () => void): void {
    const { identity, clientId } = session;
    const owed = (): number => this.#filterRates.owed(identity);
    const first = owed();
    if (first === 0) return handle();
    this.#props.log.warn({ clientId: quote(clientId), identity, ms: Math.ceil(first) }, "subscribe-held-back");
    let timer: NodeJS.Timeout;
    const forget = (): void => clearTimeout(timer);
    const wait = (ms: number): void => {
      // It is not the client that is silent.
      alive();
      timer = setTimeout(
        () => {
          // Another connection of the identity may have asked meanwhile.
          const left = owed();
          if (left > 0) return wait(left);
          client.conn.off("close", forget);
          handle();
        },
        Math.min(ms, HELD_LOOK_MS),
      );
    };
    client.conn.once("close", forget);
    wait(first);
  }

  #handle(client: Client, packet: Packet, done: Done, passOn: PassOn): void {
    const context = this.#contexts.get(client);
    if (!context || context.session.client !== client) return done(new Error("no session"));
    switch (packet.cmd) {
      case "publish":
        return handlePublish(context, packet, packet.qos > 0 || packet.retain ? this.#keepPace(done) : done);
      case "puback":
      case "pubrec":
      case "pubrel":
      case "pubcomp":
        return handleAcknowledgement(context, packet, done);
      case "subscribe":
        return this.#whenPaid(context, passOn.alive, () => handleSubscribe(context, packet, this.#keepPace(done)));
      case "unsubscribe":
        return this.#whenPaid(context, passOn.alive, () => handleUnsubscribe(context, packet, this.#keepPace(done)));
      case "pingreq":
        // Not Aedes': it loses count of what it handles while it is paused, and then reads no more of this client.
        (client.conn as Gate).send({ cmd: "pingresp" });
        return done();
      case "refused":
        return done(packet.error);
      case "end":
        client.conn.push(null);
        return done();
      default:
        passOn(packet);
        return done();
    }
  }

  /** Publishes the wills of an earlier task's clients that did not come back, as far as they still may. */
  publishOrphanedWills(): void {
    const { policy, isActive, log } = this.#props;
    if (!isActive()) return;
    for (const { clientId, identity, message, admission } of this.#wills.takeOrphans()) {
      const { topic } = message;
      const reason =
        (admission && policy.admissionFault(identity, admission)) ??
        (policy.mayPublish(identity, topic) ? undefined : "it may not publish there");
      if (reason === undefined) this.#router.publish(message, identity);
      else log.warn({ clientId: quote(clientId), identity, topic: quote(topic), reason }, "will-dropped");
    }
  }

  /** Drops what has waited for too long, and notes how far the store has come by now. */
  expireQueued(): void {
    const { now = Date.now, log } = this.#props;
    const place = this.#marks.upTo(now(), LIMITS.queuedMs);
    if (place > 0) {
      for (const { clientId, identity, queue } of this.sessions.all) {
        const messages = queue.dropUpTo(place);
        if (messages > 0) log.warn({ clientId: quote(clientId), identity, messages }, "messages-expired");
      }
    }
    this.#marks.note(this.#store.last, now());
  }

  #startTimers(): void {
    const expiry = setInterval(() => {
      this.sessions.expire(Date.now());
      this.expireQueued();
    }, LIMITS.sessionSweepMs);
    const wills = setTimeout(() => this.publishOrphanedWills(), this.#props.willGraceMs ?? LIMITS.willGraceMs);
    this.#timers.push(expiry.unref(), wills.unref());
  }
}
