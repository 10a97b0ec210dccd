import type { Qos } from "../mqtt/packet";
import { key, keysOf, numberIn, partsOf } from "../persistence/key";
import type { KeyValue } from "../persistence/key-value";
import type { AgeMarks } from "./age-marks";
import { decodeMessage, type Message } from "./message";
import { decodeEntry } from "./queue-entry";
import type { QueueStore } from "./queue-store";
import type { RetainedMessages } from "./retained-messages";
import type { Session } from "./session";
import { decodeSession } from "./session-record";
import type { Sessions } from "./sessions";
import type { Wills } from "./wills";

export interface RestoreProps {
  readonly keyValue: KeyValue;
  readonly store: QueueStore;
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly wills: Wills;
  readonly marks: AgeMarks;
}

/**
 * Takes over what an earlier task stored: sessions, subscriptions, queues, retained messages, wills.
 * @throws when a record needs another one that is not there. What belongs together is written in one batch, so that this
 *   is never a crash's doing; and nothing is left out without a word.
 */
export async function restore({ keyValue, store, sessions, retained, wills, marks }: RestoreProps): Promise<void> {
  /** Up to which place of its queue each session was sent messages, as far as anybody knows. */
  const sent = new Map<Session, number>();
  for (const [path, value] of await keyValue.range(keysOf("session"))) {
    const { identity, since, sent: upTo } = decodeSession(value);
    // Its connection was the earlier task's; what that one had sent it last, it did not write down.
    const session = sessions.create(partsOf(path)[0]!, identity, true, since ?? Date.now());
    sent.set(session, since === undefined ? Infinity : upTo);
  }
  const sessionOf = (path: string, clientId: string): Session => need(sessions.get(clientId), path, "session");
  for (const [path, value] of await keyValue.range(keysOf("subscription"))) {
    const [clientId, filter] = partsOf(path);
    sessions.restoreSubscription(sessionOf(path, clientId!), filter!, value[0] as Qos);
  }
  for (const [path] of await keyValue.range(keysOf("incoming"))) {
    const [clientId, packetId] = partsOf(path);
    sessionOf(path, clientId!).incoming.add(Number(packetId));
  }
  const messages = new Map<number, Message>();
  for (const [path, value] of await keyValue.range(keysOf("message"))) {
    const message = decodeMessage(value);
    message.sequence = numberIn(path);
    messages.set(message.sequence, message);
    store.seen(message.sequence);
  }
  // The entries of a queue follow one another: whose they are is looked up once.
  let [queue, upTo] = ["", 0];
  let session: Session | undefined;
  for (const [path, value] of await keyValue.range(keysOf("queued"))) {
    const { message: number, qos, retain, state, packetId } = decodeEntry(value);
    if (!session || !path.startsWith(queue)) {
      session = sessionOf(path, partsOf(path)[0]!);
      queue = key.queue(session.clientId);
      upTo = sent.get(session)!;
    }
    const message = need(messages.get(number), path, "message");
    const sequence = numberIn(path);
    store.seen(sequence);
    const repeated = sequence <= upTo;
    session.queue.restore({ message, qos, retain, packetId, state, sequence, repeated, committed: true });
  }
  for (const [sequence, { references }] of messages)
    if (references === 0) need(undefined, `message/${sequence}`, "queue entry");
  for (const [, value] of await keyValue.range(keysOf("retained"))) retained.restore(value);
  const admissions = new Map<string, Buffer>();
  for (const [path, value] of await keyValue.range(keysOf("admission"))) admissions.set(partsOf(path)[0]!, value);
  for (const [path, value] of await keyValue.range(keysOf("will"))) {
    const [clientId] = partsOf(path);
    wills.restore(clientId!, value, admissions.get(clientId!));
  }
  for (const [path, value] of await keyValue.range(keysOf("mark"))) {
    marks.restore(numberIn(path), value);
    // A place below it would be taken for one as old.
    store.seen(numberIn(path));
  }
  // From now on they are without a connection, also for the task after this one.
  for (const [session, upTo] of sent) if (upTo === Infinity) sessions.store(session);
}

function need<Thing>(thing: Thing | undefined, path: string, what: string): Thing {
  if (thing !== undefined) return thing;
  throw new Error(
    `the store contradicts itself: the ${what} of its record '${path}' is missing. ` +
      "See all faults with 'dmz store verify <folder>', and what to do in docs/store.md under 'When a store is damaged'",
  );
}
