import type { Qos } from "../mqtt/packet";
import { keysOf, partsOf } from "../persistence/key";
import type { Journal } from "../persistence/journal";
import type { KeyValue } from "../persistence/key-value";
import { decodeMessage, type Message } from "./message";
import { decodeEntry } from "./queue-entry";
import type { QueueStore } from "./queue-store";
import type { RetainedMessages } from "./retained-messages";
import type { Sessions } from "./sessions";
import type { Wills } from "./wills";

export interface RestoreProps {
  readonly keyValue: KeyValue;
  readonly journal: Journal;
  readonly store: QueueStore;
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly wills: Wills;
}

/** Takes over what an earlier task stored: sessions, subscriptions, queues, retained messages, wills. */
export async function restore({ keyValue, journal, store, sessions, retained, wills }: RestoreProps): Promise<void> {
  for (const [path, value] of await keyValue.range(keysOf("session"))) {
    const { identity, since } = JSON.parse(value.toString()) as { identity: string; since?: number };
    // Its connection was the earlier task's.
    sessions.create(partsOf(path)[0]!, identity, true, since ?? Date.now());
  }
  for (const [path, value] of await keyValue.range(keysOf("subscription"))) {
    const [clientId, filter] = partsOf(path);
    const session = sessions.get(clientId!);
    if (session) sessions.restoreSubscription(session, filter!, value[0] as Qos);
    else journal.delete(path);
  }
  for (const [path] of await keyValue.range(keysOf("incoming"))) {
    const [clientId, packetId] = partsOf(path);
    const session = sessions.get(clientId!);
    if (session) session.incoming.add(Number(packetId));
    else journal.delete(path);
  }
  const messages = new Map<number, Message>();
  for (const [path, value] of await keyValue.range(keysOf("message"))) {
    const message = decodeMessage(value);
    message.sequence = Number(partsOf(path)[0]);
    messages.set(message.sequence, message);
    store.seen(message.sequence);
  }
  for (const [path, value] of await keyValue.range(keysOf("queued"))) {
    const [clientId, place] = partsOf(path);
    const { message: number, ...fields } = decodeEntry(value);
    const session = sessions.get(clientId!);
    const message = messages.get(number);
    store.seen(Number(place));
    if (session && message) session.queue.restore({ ...fields, message, sequence: Number(place), committed: true });
    else journal.delete(path);
  }
  // Written for queues that are gone.
  for (const message of messages.values()) if (message.references === 0) store.discard(message);
  for (const [, value] of await keyValue.range(keysOf("retained"))) retained.restore(value);
  for (const [path, value] of await keyValue.range(keysOf("will"))) wills.restore(partsOf(path)[0]!, value);
}
