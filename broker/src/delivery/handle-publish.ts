import { LIMITS } from "../limits";
import type { Publish } from "../mqtt/packet";
import { key } from "../persistence/key";
import { Message } from "./message";
import type { Done, PacketContext } from "./packet-context";

/**
 * PUBLISH (MQTT 3.1.1, 3.3). The acknowledgement leaves when the message is stored wherever it must be [MQTT-4.3.2-2], in the
 * order of the messages [MQTT-4.6.0-2] [MQTT-4.6.0-3].
 */
export function handlePublish(context: PacketContext, packet: Publish, done: Done): void {
  context.authorizePublish(context.client, packet as never, (error) => {
    if (error) return done(error);
    // It was held back, and its client has gone meanwhile: unacknowledged, it comes again or was at QoS 0.
    if (context.session.client !== context.client) return done();
    const fault = accept(context, packet);
    done(fault);
  });
}

function accept({ session, router, journal, send }: PacketContext, packet: Publish): Error | undefined {
  const { topic, payload, qos, retain, messageId } = packet;
  const message = new Message(topic, payload, qos, retain);
  if (qos === 0) {
    router.publish(message, session.identity, session);
    return undefined;
  }
  const id = messageId!;
  if (qos === 1) {
    router.publish(message, session.identity, session, () => send({ cmd: "puback", messageId: id }));
    return undefined;
  }
  const acknowledge = (): void => send({ cmd: "pubrec", messageId: id });
  if (session.incoming.has(id)) {
    // [MQTT-4.3.3-2]: until PUBREL, one with the same identifier is the same message again. It may still be on its way to
    // the store.
    journal.afterCommit(acknowledge);
    return undefined;
  }
  if (session.incoming.size >= LIMITS.inflightInbound)
    return new Error(`more than ${LIMITS.inflightInbound} messages at QoS 2 wait for PUBREL`);
  session.incoming.add(id);
  if (session.persistent) {
    journal.put(key.incoming(session.clientId, id), EMPTY);
    session.waitingAcknowledgements += 1;
    router.publish(message, session.identity, session, () => {
      session.waitingAcknowledgements -= 1;
      acknowledge();
    });
  } else {
    router.publish(message, session.identity, session, acknowledge);
  }
  return undefined;
}

const EMPTY = Buffer.alloc(0);
