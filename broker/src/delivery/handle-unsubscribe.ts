import type { Unsubscribe } from "../mqtt/packet";
import type { Done, PacketContext } from "./packet-context";

/** UNSUBSCRIBE (MQTT 3.1.1, 3.10): what was begun is still delivered [MQTT-3.10.4-3], and always answered [MQTT-3.10.4-5]. */
export function handleUnsubscribe(context: PacketContext, packet: Unsubscribe, done: Done): void {
  const { session, sessions, journal, send } = context;
  for (const filter of packet.unsubscriptions) sessions.unsubscribe(session, filter);
  context.filterRates.charge(session.identity, packet.unsubscriptions.length);
  const answer = (): void => send({ cmd: "unsuback", messageId: packet.messageId });
  if (session.persistent) journal.afterCommit(answer);
  else answer();
  done();
}
