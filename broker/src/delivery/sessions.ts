import type { Client } from "aedes";
import { LIMITS } from "../limits";
import type { Logger } from "../logger";
import type { Qos } from "../mqtt/packet";
import type { Journal } from "../persistence/journal";
import { key } from "../persistence/key";
import { quote } from "../quote";
import { SessionQueue } from "./session-queue";
import type { QueueLimits } from "./queue-limits";
import type { QueueStore } from "./queue-store";
import { Session } from "./session";
import { encodeSession } from "./session-record";
import type { Share } from "./share";
import { SubscriptionRoom, type OwnFilters } from "./subscription-room";
import { SubscriptionTrie } from "./subscription-trie";

export interface SessionsProps {
  readonly journal: Journal;
  readonly store: QueueStore;
  readonly log: Logger;
  /** @default LIMITS */
  readonly limits?: QueueLimits | undefined;
  /** What the filters of all sessions may take. @default LIMITS */
  readonly subscriptionBytes?: number | undefined;
}

/** All sessions of one identity, what waits for them together, and what their filters take. */
interface Own {
  readonly sessions: Set<Session>;
  readonly share: Share;
  readonly filters: OwnFilters;
}

/** Every session there is, by ClientId, and who subscribed what. Changes of persistent ones are stored. */
export class Sessions {
  readonly #props: SessionsProps;
  readonly #byId = new Map<string, Session>();
  readonly #byIdentity = new Map<string, Own>();
  readonly #trie = new SubscriptionTrie<Session>();
  readonly #room: SubscriptionRoom;
  /** Counts every change of a subscription: what was routed before may be routed otherwise now. */
  version = 0;
  /** Messages that found a queue full, by QoS. */
  readonly dropped: [number, number, number] = [0, 0, 0];

  constructor(props: SessionsProps) {
    this.#props = props;
    this.#room = new SubscriptionRoom(() => this.#trie.levels, props.subscriptionBytes);
  }

  get all(): Iterable<Session> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  get(clientId: string): Session | undefined {
    return this.#byId.get(clientId);
  }

  /** Whether a CONNECT with clean session 0 finds its session: with or without subscriptions [MQTT-3.2.2-2]. */
  present(clientId: string, identity: string | undefined): boolean {
    const session = this.#byId.get(clientId);
    return session !== undefined && session.persistent && session.identity === identity;
  }

  /** The client is authenticated, and nobody else is connected with its ClientId any more. */
  attach(client: Client, identity: string): Session {
    const former = this.#byId.get(client.id)?.client;
    if (former && former !== client) {
      former.conn.destroy();
      this.detach(former);
    }
    const before = this.#byId.get(client.id);
    const resumes = before !== undefined && !client.clean && this.present(client.id, identity);
    // [MQTT-3.1.2-6]: clean session 1 discards any former one; so does a session of another identity.
    if (before && !resumes) this.drop(before);
    if (!resumes && !client.clean) this.#makeRoom(identity);
    const session = resumes ? before : this.create(client.id, identity, !client.clean, undefined);
    session.client = client;
    session.since = undefined;
    session.dropping = false;
    if (session.persistent) this.store(session);
    return session;
  }

  /** The connection is gone: so is a clean session [MQTT-3.1.2-6]. */
  detach(client: Client): void {
    const session = this.#byId.get(client.id);
    if (session?.client !== client) return;
    session.client = undefined;
    session.dropping = false;
    session.queue.disconnect();
    if (!session.persistent) return this.drop(session);
    session.since = Date.now();
    this.store(session);
  }

  /** A new one, or one that the store held. */
  create(clientId: string, identity: string, persistent: boolean, since: number | undefined): Session {
    const { store, limits } = this.#props;
    const onDropped = (qos: Qos): void => this.#onDropped(session, qos);
    let own = this.#byIdentity.get(identity);
    if (!own)
      this.#byIdentity.set(identity, (own = { sessions: new Set(), share: { bytes: 0 }, filters: { bytes: 0 } }));
    const queue = new SessionQueue({ clientId, persistent, store, share: own.share, onDropped, limits });
    const session = new Session(clientId, identity, persistent, queue, since);
    this.#byId.set(clientId, session);
    own.sessions.add(session);
    return session;
  }

  /** Stores whose it is, and since when without a connection. */
  store({ clientId, identity, since, queue }: Session): void {
    this.#props.journal.put(key.session(clientId), encodeSession({ identity, since, sent: queue.sentUpTo }));
  }

  /** Forgets it and all that it had. */
  drop(session: Session): void {
    const { journal } = this.#props;
    const { clientId, persistent, queue, incoming, subscriptions } = session;
    for (const filter of [...subscriptions.keys()]) this.unsubscribe(session, filter);
    if (persistent) {
      for (const packetId of incoming) journal.delete(key.incoming(clientId, packetId));
      journal.delete(key.session(clientId));
    }
    queue.clear();
    incoming.clear();
    if (this.#byId.get(clientId) === session) this.#byId.delete(clientId);
    const own = this.#byIdentity.get(session.identity);
    own?.sessions.delete(session);
    if (own?.sessions.size === 0) this.#byIdentity.delete(session.identity);
  }

  /** Memory that all filters take, about. */
  get subscriptionBytes(): number {
    return this.#room.bytes;
  }

  /** Whether the session has the filter, or there is room for it. */
  hasRoom(session: Session, filter: string): boolean {
    const own = this.#byIdentity.get(session.identity);
    return session.subscriptions.has(filter) || (own !== undefined && this.#room.has(own.filters, filter));
  }

  subscribe(session: Session, filter: string, qos: Qos): void {
    this.restoreSubscription(session, filter, qos);
    if (session.persistent) this.#props.journal.put(key.subscription(session.clientId, filter), Buffer.from([qos]));
  }

  /** Takes what the store held. */
  restoreSubscription(session: Session, filter: string, qos: Qos): void {
    if (!session.subscriptions.has(filter)) this.#room.take(this.#byIdentity.get(session.identity)!.filters, filter);
    session.subscriptions.set(filter, qos);
    this.#trie.set(filter, session, qos);
    this.version += 1;
  }

  unsubscribe(session: Session, filter: string): void {
    if (!session.subscriptions.delete(filter)) return;
    this.#trie.delete(filter, session);
    this.#room.free(this.#byIdentity.get(session.identity)!.filters, filter);
    this.version += 1;
    if (session.persistent) this.#props.journal.delete(key.subscription(session.clientId, filter));
  }

  /** Who subscribed to the topic, each once, and at which QoS. */
  match(topic: string): Map<Session, Qos> {
    return this.#trie.match(topic);
  }

  /** Drops sessions whose client stayed away for too long. */
  expire(now: number, expiryMs: number = LIMITS.sessionExpiryMs): void {
    for (const session of this.#byId.values()) {
      if (session.since === undefined || now - session.since < expiryMs) continue;
      this.#props.log.info({ clientId: quote(session.clientId), identity: session.identity }, "session-expired");
      this.drop(session);
    }
  }

  /** Names with a suffix cost a client nothing: what it left behind under them must cost us no more than a bound. */
  #makeRoom(identity: string): void {
    const kept = [...(this.#byIdentity.get(identity)?.sessions ?? [])].filter(({ persistent }) => persistent);
    if (kept.length < LIMITS.sessionsPerIdentity) return;
    const absent = kept.filter(({ since }) => since !== undefined).sort((a, b) => a.since! - b.since!);
    const [longest] = absent;
    if (!longest) return;
    this.#props.log.warn({ clientId: quote(longest.clientId), identity }, "session-displaced");
    this.drop(longest);
  }

  #onDropped(session: Session, qos: Qos): void {
    this.dropped[qos] += 1;
    if (session.dropping) return;
    // Once a connection, or once an absence: a full queue stays full for thousands of messages.
    session.dropping = true;
    const { clientId, identity, client } = session;
    this.#props.log.warn({ clientId: quote(clientId), identity, connected: client !== undefined, qos }, "queue-full");
  }
}
