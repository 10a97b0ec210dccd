import type { MqttClient } from "mqtt";
import type { MessageQueue } from "../queue/message-queue";
import type { StoredMessage } from "../queue/record";

/** Sent and not acknowledged, at most: what one lost connection may have to send again, and what memory holds. */
export const WINDOW = { messages: 256, bytes: 1024 * 1024 } as const;

interface InFlight {
  readonly seq: number;
  readonly bytes: number;
  done: boolean;
}

export interface DrainProps {
  readonly client: MqttClient;
  readonly queue: MessageQueue;
  /** The payload as it goes out: Sparkplug's gets its sequence number now. */
  readonly payload: (message: StoredMessage) => Buffer;
  /** The broker acknowledged one. */
  readonly sent: () => void;
  readonly gone: AbortSignal;
}

/**
 * Sends the queue in order at QoS 1, a bounded number at a time, until the connection is gone. A message leaves the queue
 * when the broker acknowledged it and all before it. What was not acknowledged is sent again on the next connection.
 */
export async function drain({ client, queue, payload, sent, gone }: DrainProps): Promise<void> {
  const inFlight: InFlight[] = [];
  let bytes = 0;
  let wake: () => void = () => undefined;
  gone.addEventListener("abort", () => wake(), { once: true });

  const settle = (entry: InFlight): void => {
    entry.done = true;
    let last: InFlight | undefined;
    while (inFlight[0]?.done) {
      last = inFlight.shift()!;
      bytes -= last.bytes;
      sent();
    }
    if (last) queue.acknowledge(last.seq);
    wake();
  };
  const room = async (): Promise<void> => {
    while (!gone.aborted && (inFlight.length >= WINDOW.messages || bytes >= WINDOW.bytes))
      await new Promise<void>((resolve) => (wake = resolve));
  };
  const publish = (message: StoredMessage): void => {
    const entry: InFlight = { seq: message.seq, bytes: message.payload.length + message.topic.length, done: false };
    inFlight.push(entry);
    bytes += entry.bytes;
    client.publish(message.topic, payload(message), { qos: 1, retain: message.retain }, (error) => {
      // An error means that the connection ended: the message stays where it is.
      if (!error) settle(entry);
    });
  };

  await queue.rewind();
  while (!gone.aborted) {
    const more = queue.more(gone);
    const messages = await queue.read();
    for (const message of messages) {
      await room();
      if (gone.aborted) return;
      if (queue.isExpired(message) && inFlight.length === 0) queue.dropExpired(message.seq, message.seq);
      else publish(message);
    }
    if (messages.length === 0) await more;
  }
}
