import type { Client } from "aedes";
import memory from "aedes-persistence";

/** As much of Aedes' persistence as is guarded here; Aedes calls the rest itself. */
interface Guarded {
  addSubscriptions(client: Client, subscriptions: readonly { readonly topic: string }[]): Promise<void>;
  removeSubscriptions(client: Client, filters: readonly string[]): Promise<void>;
  outgoingClearMessageId(client: Client, packet: { readonly messageId?: number }): Promise<unknown>;
}

/** What Aedes takes as `persistence`: opaque to everybody else. */
export type Persistence = Guarded;

/** @returns a store in memory: it lives as long as one Aedes does, and so no longer than one lease. */
export function memoryPersistence(): Persistence {
  // The package's types describe its callback face; Aedes 1.2 uses the one that returns promises.
  return memory() as unknown as Persistence;
}

/**
 * Closes two holes of Aedes in front of whatever store is used:
 *
 * - It stores every filter of a SUBSCRIBE when one of them is allowed, and delivers what the refused ones matched while
 *   the client was away. Only what the client may subscribe reaches the store.
 * - It asks to clear "the message with id undefined" for a message that it did not send, and the store then removes the
 *   first one without an id, which may be another.
 */
export function guardPersistence<P extends Persistence>(
  persistence: P,
  maySubscribe: (client: Client, filter: string) => boolean,
): P {
  const add = persistence.addSubscriptions.bind(persistence);
  const clear = persistence.outgoingClearMessageId.bind(persistence);
  persistence.addSubscriptions = (client, subscriptions) =>
    add(
      client,
      subscriptions.filter(({ topic }) => maySubscribe(client, topic)),
    );
  persistence.outgoingClearMessageId = (client, packet) =>
    packet.messageId === undefined ? Promise.resolve(undefined) : clear(client, packet);
  return persistence;
}
