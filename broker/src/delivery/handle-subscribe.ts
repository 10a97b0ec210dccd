import { LIMITS } from "../limits";
import type { Qos, Subscribe } from "../mqtt/packet";
import type { Done, PacketContext } from "./packet-context";
import type { QueueEntry } from "./queue-entry";

const FAILURE = 0x80;
type Asked = Subscribe["subscriptions"][number];

/** The retained messages of one SUBSCRIBE. */
interface Brought {
  /** Those that must be stored before they may leave. */
  readonly owed: QueueEntry[];
  /** The client's queue had no room for all of them. */
  isTooMuch: boolean;
}

/**
 * SUBSCRIBE (MQTT 3.1.1, 3.8): each filter as if it came alone [MQTT-3.8.4-4], a return code for each in its place
 * [MQTT-3.8.4-5]; then the retained messages [MQTT-3.8.4-3], behind SUBACK and before every message that comes later.
 *
 * A filter may bring a hundred thousand retained messages: after `handlingSliceMs` it is the others' turn.
 */
export function handleSubscribe(context: PacketContext, packet: Subscribe, done: Done): void {
  const { client, session, authorizeSubscribe } = context;
  const granted: (Qos | typeof FAILURE)[] = [];
  const brought: Brought = { owed: [], isTooMuch: false };
  let since = performance.now();
  let waits = false;
  const answered = (asked: Asked, error: Error | null, subscription?: Asked | null): void => {
    context.filterRates.charge(session.identity, 1);
    if (error) return done(error);
    // The session may be another connection's by now.
    if (session.client !== client) return done();
    const qos = subscription ? (Math.min(subscription.qos, asked.qos) as Qos) : FAILURE;
    granted.push(qos);
    if (qos !== FAILURE) subscribe(context, asked.topic, qos, brought);
    if (waits) ask();
  };
  // A loop where the answers come at once: a SUBSCRIBE may hold more filters than the stack has room for.
  const ask = (): void => {
    waits = false;
    while (granted.length < packet.subscriptions.length) {
      const before = granted.length;
      const asked = packet.subscriptions[before]!;
      if (before >= LIMITS.filtersPerSubscribe) {
        context.filterRates.charge(session.identity, 1);
        granted.push(FAILURE);
        continue;
      }
      if (performance.now() - since > LIMITS.handlingSliceMs) return void setImmediate(goOn);
      authorizeSubscribe(client, { topic: asked.topic, qos: asked.qos }, (error, subscription) =>
        answered(asked, error, subscription),
      );
      if (granted.length === before) {
        waits = true;
        return;
      }
    }
    answer(context, packet.messageId, granted, brought.owed);
    done();
  };
  const goOn = (): void => {
    if (session.client !== client) return done();
    since = performance.now();
    ask();
  };
  session.queue.hold();
  ask();
}

/**
 * Subscribes, and queues the retained messages. Behind the first one that finds no room nothing more is queued: to look for
 * it, for each filter again, would cost more than it is worth.
 */
function subscribe(
  { session, sessions, retained, router, filterRates }: PacketContext,
  filter: string,
  qos: Qos,
  brought: Brought,
): void {
  const { queue } = session;
  sessions.subscribe(session, filter, qos);
  if (brought.isTooMuch) return;
  const before = queue.lost;
  const { found, looked } = retained.match(filter);
  let messages = 0;
  for (const message of found) {
    messages += 1;
    if (!router.mayReceive(session, message.topic)) continue;
    const entry = queue.offer(message, message.qos < qos ? message.qos : qos, true);
    if (entry) brought.owed.push(entry);
    brought.isTooMuch = queue.lost > before;
    if (brought.isTooMuch) break;
  }
  filterRates.charge(session.identity, 0, { messages, looked });
}

function answer(
  { client, session, journal, send }: PacketContext,
  messageId: number,
  granted: readonly (Qos | typeof FAILURE)[],
  owed: readonly QueueEntry[],
): void {
  const { queue, persistent } = session;
  const leave = (): void => {
    send({ cmd: "suback", messageId, granted });
    for (const entry of owed) queue.release(entry);
    // What holds another connection's queue is its own SUBSCRIBE's.
    if (session.client === client) queue.resume();
  };
  if (persistent) journal.afterCommit(leave);
  else leave();
}
