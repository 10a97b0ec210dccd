import type { Acknowledgement } from "../mqtt/packet";
import { key } from "../persistence/key";
import type { Done, PacketContext } from "./packet-context";

/** PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 3.1.1, 3.4 to 3.7). One that fits nothing is answered as if it did. */
export function handleAcknowledgement(context: PacketContext, { cmd, messageId }: Acknowledgement, done: Done): void {
  const { session, journal, send } = context;
  const { queue, incoming, clientId, persistent } = session;
  // One that came before may still be on its way to the store: the answer to the same again must not overtake it.
  const answer = (leave: () => void): void => {
    if (persistent) journal.afterCommit(leave);
    else leave();
  };
  if (cmd === "puback") queue.acknowledge(messageId);
  else if (cmd === "pubcomp") queue.complete(messageId);
  else if (cmd === "pubrec") {
    // [MQTT-4.3.3-1]: PUBREL; once it has left, the message itself is never sent again, so that is stored first.
    queue.receive(messageId);
    answer(() => send({ cmd: "pubrel", messageId }));
  } else {
    // [MQTT-4.3.3-2]: PUBCOMP ends it; the identifier may be used for another message as soon as it has left.
    if (incoming.delete(messageId) && persistent) journal.delete(key.incoming(clientId, messageId));
    answer(() => send({ cmd: "pubcomp", messageId }));
  }
  done();
}
