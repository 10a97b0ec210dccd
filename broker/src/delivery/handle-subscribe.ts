import { LIMITS } from "../limits";
import type { Qos, Subscribe } from "../mqtt/packet";
import type { Done, PacketContext } from "./packet-context";

const FAILURE = 0x80;

/**
 * SUBSCRIBE (MQTT 3.1.1, 3.8): each filter as if it came alone [MQTT-3.8.4-4], a return code for each in its place
 * [MQTT-3.8.4-5]; then the retained messages [MQTT-3.8.4-3], behind SUBACK and before every message that comes later.
 */
export function handleSubscribe(context: PacketContext, packet: Subscribe, done: Done): void {
  const { client, session, authorizeSubscribe } = context;
  const granted: (Qos | typeof FAILURE)[] = [];
  let waits = false;
  const answered = (asked: Asked, error: Error | null, subscription?: Asked | null): void => {
    if (error) return done(error);
    if (subscription && !session.subscriptions.has(asked.topic)) session.granting.add(asked.topic);
    granted.push(subscription ? (Math.min(subscription.qos, asked.qos) as Qos) : FAILURE);
    if (waits) ask();
  };
  // A loop where the answers come at once: a SUBSCRIBE may hold more filters than the stack has room for.
  const ask = (): void => {
    waits = false;
    while (granted.length < packet.subscriptions.length) {
      const before = granted.length;
      const asked = packet.subscriptions[before]!;
      if (before >= LIMITS.filtersPerSubscribe) {
        granted.push(FAILURE);
        continue;
      }
      authorizeSubscribe(client, { topic: asked.topic, qos: asked.qos }, (error, subscription) =>
        answered(asked, error, subscription),
      );
      if (granted.length === before) {
        waits = true;
        return;
      }
    }
    finish(context, packet, granted);
    session.granting.clear();
    done();
  };
  // Of one whose connection ended meanwhile.
  session.granting.clear();
  ask();
}

type Asked = Subscribe["subscriptions"][number];

function finish(context: PacketContext, packet: Subscribe, granted: readonly (Qos | typeof FAILURE)[]): void {
  const { session, sessions, retained, journal, router, send } = context;
  session.queue.hold();
  const owed: (() => void)[] = [];
  for (const [i, { topic: filter }] of packet.subscriptions.entries()) {
    const qos = granted[i]!;
    if (qos === FAILURE) continue;
    sessions.subscribe(session, filter, qos);
    for (const message of retained.match(filter)) {
      if (!router.mayReceive(session, message.topic)) continue;
      const entry = session.queue.offer(message, message.qos < qos ? message.qos : qos, true);
      if (entry) owed.push(() => session.queue.release(entry));
    }
  }
  const answer = (): void => {
    send({ cmd: "suback", messageId: packet.messageId, granted });
    for (const release of owed) release();
    session.queue.resume();
  };
  if (session.persistent) journal.afterCommit(answer);
  else answer();
}
