import { setTimeout as pause } from "node:timers/promises";
import type { MqttClient } from "mqtt";
import { childSignal } from "../child-signal";
import type { MessageQueue } from "../queue/message-queue";
import type { StoredMessage } from "../queue/record";
import type { Suspicion } from "./suspicion";

/** Sent and not acknowledged, at most: what one lost connection may have to send again, and what memory holds. */
export const WINDOW = { messages: 256, bytes: 1024 * 1024 } as const;

/** How long a connection must hold before a message on which others ended is sent, ms: longer than a broker takes to refuse. */
const QUIET_MS = 2_000;

/** How often it is tried again to set a message aside for which the disk had no room, ms. */
const ASIDE_MS = 10_000;

interface InFlight {
  readonly message: StoredMessage;
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
  readonly suspicion: Suspicion;
  /** Did the broker end the connection in order? */
  readonly wasEnded: () => boolean;
  readonly gone: AbortSignal;
}

/**
 * Sends the queue in order at QoS 1, a bounded number at a time, until the connection is gone. A message leaves the queue
 * when the broker acknowledged it and all before it. What was not acknowledged is sent again on the next connection; what
 * the broker refuses connection after connection is set aside, so that it holds nothing up.
 */
export async function drain({ client, queue, payload, sent, suspicion, wasEnded, gone }: DrainProps): Promise<void> {
  const inFlight: InFlight[] = [];
  let bytes = 0;
  /** The first message that could not be set aside: nothing from it on leaves the queue, though what follows is sent. */
  let held: StoredMessage | undefined;
  let heldSince = 0;
  let wake: () => void = () => undefined;
  gone.addEventListener("abort", () => wake(), { once: true });

  const settle = (entry: InFlight): void => {
    entry.done = true;
    let last: InFlight | undefined;
    while (inFlight[0]?.done) {
      last = inFlight.shift()!;
      bytes -= last.bytes;
    }
    if (last) queue.acknowledge(held ? Math.min(last.message.seq, held.seq - 1) : last.message.seq);
    wake();
  };
  const until = async (there: () => boolean): Promise<void> => {
    while (!gone.aborted && !there()) await new Promise<void>((resolve) => (wake = resolve));
  };
  const hasRoom = (): boolean => inFlight.length < WINDOW.messages && bytes < WINDOW.bytes;
  const isIdle = (): boolean => inFlight.length === 0;
  const enter = (message: StoredMessage): InFlight => {
    const entry = { message, bytes: message.payload.length + message.topic.length, done: false };
    inFlight.push(entry);
    bytes += entry.bytes;
    return entry;
  };
  const publish = (message: StoredMessage): void => {
    const entry = enter(message);
    client.publish(message.topic, payload(message), { qos: 1, retain: message.retain }, (error) => {
      // An error means that the connection ended: the message stays where it is.
      if (error) return;
      sent();
      settle(entry);
    });
  };
  /** The control: a line that ends though nothing was sent says nothing against any message. */
  const staysWithout = async (): Promise<boolean> => {
    await pause(QUIET_MS, undefined, { signal: gone }).catch(() => undefined);
    if (gone.aborted && !client.disconnecting) suspicion.endedQuiet();
    return !gone.aborted;
  };
  const take = async (message: StoredMessage): Promise<void> => {
    const isAlone = suspicion.isAlone(message);
    await until(isAlone ? isIdle : hasRoom);
    if (gone.aborted) return;
    if (!held && queue.isExpired(message) && isIdle()) queue.dropExpired(message.seq, message.seq);
    else if (suspicion.isRefused(message)) {
      // Until the first can be set aside there is no room for others either.
      if (held) return;
      const entry = enter(message);
      if (!(await queue.refuse(message))) {
        held = message;
        inFlight.splice(inFlight.indexOf(entry), 1);
        bytes -= entry.bytes;
        heldSince = performance.now();
      } else settle(entry);
    } else {
      if (suspicion.isDoubted(message) && !(await staysWithout())) return;
      publish(message);
      if (isAlone) await until(isIdle);
    }
  };

  /** Tries again. From the held message on all is read anew: at least once is what the queue promises. */
  const release = async (message: StoredMessage): Promise<void> => {
    heldSince = performance.now();
    const isOver = !suspicion.isRefused(message) || queue.isExpired(message);
    if (!isOver && !(await queue.refuse(message))) return;
    await until(isIdle);
    if (gone.aborted) return;
    held = undefined;
    if (!isOver) queue.acknowledge(message.seq);
    await queue.rewind();
  };

  await queue.rewind();
  while (!gone.aborted) {
    if (held && performance.now() - heldSince >= ASIDE_MS) await release(held);
    const waiting = childSignal(gone);
    const again = held && setTimeout(waiting.abort, ASIDE_MS);
    const more = queue.more(waiting.signal);
    const messages = await queue.read();
    for (const message of messages) {
      await take(message);
      if (gone.aborted) break;
    }
    if (messages.length === 0) await more;
    clearTimeout(again);
    waiting.abort();
    waiting.release();
  }
  const underWay = inFlight.filter(({ done }) => !done).map(({ message }) => message);
  // Not if it was this device that left.
  if (!client.connected && !client.disconnecting && underWay[0])
    suspicion.ended({ first: underWay[0], last: underWay.at(-1)!, inOrder: wasEnded() });
}
