import type { Logger } from "../logger";
import { quote } from "../quote";
import type { DeliveryPolicy } from "./delivery-policy";
import type { Session } from "./session";
import type { Sessions } from "./sessions";

/** Filters that a log line shows. */
const SHOWN = 8;

export interface RecheckProps {
  readonly sessions: Sessions;
  readonly policy: DeliveryPolicy;
  readonly log: Logger;
}

/** Holds every subscription and every queued message, of sessions with and without a connection, against the policy. */
export function recheckSessions({ sessions, policy, log }: RecheckProps): void {
  for (const session of [...sessions.all]) {
    const { identity, clientId, subscriptions } = session;
    if (!policy.isDeclared(identity)) {
      // A connection that is still there is ended by whoever sees to sessions; nothing reaches it any more.
      for (const filter of [...subscriptions.keys()]) sessions.unsubscribe(session, filter);
      session.queue.dropRefused(() => false);
      if (!session.client) sessions.drop(session);
      continue;
    }
    const revoked = [...subscriptions.keys()].filter((filter) => !policy.maySubscribe(identity, filter));
    for (const filter of revoked) sessions.unsubscribe(session, filter);
    const messages = dropRefused(session, policy);
    if (revoked.length > 0 || messages > 0)
      log.warn(
        { clientId: quote(clientId), identity, filters: revoked.slice(0, SHOWN).map((f) => quote(f)), messages },
        "subscriptions-revoked",
      );
  }
}

/** Drops what waits for a client that it may not get any more. @returns how many messages. */
export function dropRefused({ queue, identity }: Session, policy: DeliveryPolicy): number {
  // Most queues hold many messages of few topics, which follow one another.
  let last: string | undefined;
  let may = false;
  return queue.dropRefused((topic) => {
    if (topic !== last) [last, may] = [topic, policy.mayReceive(identity, topic)];
    return may;
  });
}
