import { Readable } from "node:stream";
import type { Client } from "aedes";
import type { Qos } from "../mqtt/packet";
import type { Journal } from "../persistence/journal";
import type { Published } from "./emitter";
import { Message } from "./message";
import type { Sessions } from "./sessions";
import type { Wills } from "./wills";

/**
 * The filter by which Aedes is told that a session is there, also one without subscriptions: it says "session present" when
 * it is given any. `authorizeSubscribe` refuses it, so that Aedes itself never subscribes anything.
 */
export const SESSION_PRESENT = "$session";

export interface AedesPersistenceProps {
  readonly sessions: Sessions;
  readonly wills: Wills;
  readonly journal: Journal;
  readonly identityOf: (client: Client) => string | undefined;
  /** What the client was accepted on. */
  readonly admissionOf: (client: Client) => Buffer | undefined;
  /** The CONNACK has left: packets may follow. */
  readonly onConnected: (client: Client) => void;
}

type Identified = Client & { readonly clean?: boolean };

/**
 * What Aedes asks of its persistence, answered from our sessions. Messages and subscriptions do not come this way (decision
 * 13): what is left is a connection's beginning and its will.
 */
export class AedesPersistence {
  readonly #props: AedesPersistenceProps;
  /** Whose will is stored under a ClientId. */
  readonly #owners = new Map<string, Client>();

  constructor(props: AedesPersistenceProps) {
    this.#props = props;
  }

  async setup(): Promise<void> {}

  async destroy(): Promise<void> {}

  /** Asked at a CONNECT with clean session 0, once it is authenticated; Aedes gives the ClientId alone. */
  async subscriptionsByClient({ id }: Identified): Promise<{ topic: string; qos: Qos }[]> {
    const session = this.#props.sessions.get(id);
    return session?.persistent ? [{ topic: SESSION_PRESENT, qos: 0 }] : [];
  }

  /** The session goes when the client has taken over, not while the one before it is still connected. */
  async cleanSubscriptions(): Promise<void> {}

  /** Asked at a CONNECT with clean session 1, before CONNACK: that the former session is gone must be stored by then. */
  async cleanIncoming(): Promise<void> {
    await this.#props.journal.committed();
  }

  /** CONNACK waits for this: a will that the client relies on is stored. */
  async putWill(client: Client, { topic, payload, qos, retain }: Published): Promise<void> {
    const { wills, journal, identityOf, admissionOf } = this.#props;
    const identity = identityOf(client);
    if (identity === undefined) throw new Error("a will needs an identity");
    const message = new Message(topic, Buffer.from(payload as Buffer), qos as Qos, retain);
    wills.put(client.id, { identity, message, admission: admissionOf(client) });
    this.#owners.set(client.id, client);
    // Aedes publishes it, if it must, in the turn in which the connection ends: what is left then is not to be published.
    client.conn.once("close", () => void setImmediate(() => this.#forgetWill(client)));
    await journal.committed();
  }

  /** Called in the turn in which Aedes publishes the will of a client that is gone. @returns whose will it is */
  forgetPublishedWill(clientId: string): string | undefined {
    const owner = this.#owners.get(clientId);
    if (!owner) return undefined;
    // In a takeover the stored one is already the next client's, and that is of the same identity.
    if (owner.closed) this.#forgetWill(owner);
    return this.#props.identityOf(owner);
  }

  #forgetWill(client: Client): void {
    if (this.#owners.get(client.id) !== client) return;
    this.#owners.delete(client.id);
    this.#props.wills.delete(client.id);
  }

  async getWill(): Promise<undefined> {
    return undefined;
  }

  /**
   * Asked with a client at its CONNECT; and with a ClientId alone when a connection ends, which in a takeover is after the
   * next one has stored its will: that is not the one to delete.
   */
  async delWill(client: Identified | { readonly id: string }): Promise<undefined> {
    if ("conn" in client) this.#props.wills.delete(client.id);
    return undefined;
  }

  /** Aedes would publish them without asking whether the client is back: see `Wills.takeOrphans`. */
  streamWill(): Readable {
    return Readable.from([]);
  }

  /** The last step of a CONNECT: Aedes would send from here what had waited for the client. */
  outgoingStream(client: Client): Readable {
    this.#props.onConnected(client);
    return Readable.from([]);
  }

  /** Storing, queueing and delivering what Aedes publishes is the emitter's, in one step. */
  async storeRetained(): Promise<void> {}

  async subscriptionsByTopic(): Promise<never[]> {
    return [];
  }

  async outgoingEnqueueCombi(): Promise<void> {}
}
