import type { Qos } from "../mqtt/packet";
import { LIMITS } from "../limits";
import { key } from "../persistence/key";
import { Fifo } from "./fifo";
import type { Message } from "./message";
import type { Outlet } from "./outlet";
import { PacketIds } from "./packet-ids";
import { STATE, type QueueEntry } from "./queue-entry";
import type { QueueLimits } from "./queue-limits";
import type { QueueStore } from "./queue-store";
import { RELEASED_MARKER, SENT_MARKER } from "./sent-marker";

export interface SessionQueueProps {
  readonly clientId: string;
  /** Whether what waits outlives the connection, and is stored. */
  readonly persistent: boolean;
  readonly store: QueueStore;
  /** Called for each message that found the queue full. */
  readonly onDropped: (qos: Qos) => void;
  /** @default LIMITS */
  readonly limits?: QueueLimits | undefined;
}

/**
 * Everything on its way to one client, in the order in which it came, whatever its QoS [MQTT-4.6.0-6]: what was sent and
 * waits for its acknowledgement (at most a window of it), and what waits to be sent. When it is full, the newest message is
 * dropped: what was accepted before stays, and stays in order. QoS 0 waits only behind others, and only while connected.
 */
export class SessionQueue {
  readonly #props: SessionQueueProps;
  readonly #limits: QueueLimits;
  readonly #key: string;
  readonly #waiting = new Fifo<QueueEntry>();
  /** By packet identifier; for a persistent session from the moment it waits, so that the identifier is stored with it. */
  readonly #byId = new Map<number, QueueEntry>();
  readonly #ids = new PacketIds();
  #inflight = 0;
  #bytes = 0;
  #sentUpTo = 0;
  #outlet: Outlet | undefined;
  #holds = 0;
  #awaiting = false;

  constructor(props: SessionQueueProps) {
    this.#props = props;
    this.#limits = props.limits ?? LIMITS;
    this.#key = key.queue(props.clientId);
  }

  /** Messages that wait or are not acknowledged yet. */
  get length(): number {
    return this.#waiting.length + this.#inflight;
  }

  /** What is stored in front of this place, it included, may have been sent; nothing behind it was. */
  get sentUpTo(): number {
    return this.#sentUpTo;
  }

  /**
   * Takes a message for the client: sends it, or lets it wait in its turn.
   * @returns the entry, if it must be stored before it may leave: `release` it then.
   */
  offer(message: Message, qos: Qos, retain: boolean): QueueEntry | undefined {
    const { persistent, onDropped } = this.#props;
    if (qos === 0 && !this.#outlet) return undefined;
    const stored = persistent && qos > 0;
    const outlet = this.#outlet;
    if (outlet && !stored && this.#waiting.length === 0 && this.#holds === 0 && this.#mayLeave(outlet, qos, retain)) {
      this.#send(message, qos, retain);
      return undefined;
    }
    if (!this.#hasRoom(message, retain)) {
      onDropped(qos);
      return undefined;
    }
    const entry = this.#entry(message, qos, retain, stored);
    this.#waiting.push(entry);
    if (!stored) {
      if (outlet?.isCongested) this.#awaitRelief(outlet);
      return undefined;
    }
    this.#byId.set(entry.packetId, entry);
    this.#props.store.put(this.#key, entry);
    return entry;
  }

  /** The entry is stored: it may leave. */
  release(entry: QueueEntry): void {
    entry.committed = true;
    this.pump();
  }

  /** Takes what the store held, in its order. */
  restore(entry: QueueEntry): void {
    this.#props.store.hold(entry.message);
    this.#bytes += entry.message.size;
    this.#byId.set(entry.packetId, entry);
    this.#ids.resumeAfter(entry.packetId);
    if (entry.repeated) this.#sentUpTo = Math.max(this.#sentUpTo, entry.sequence);
    // That it was sent is not stored. Behind the window it may have been, too: what was acknowledged before the store heard
    // of it had made room.
    if (entry.repeated && entry.state === STATE.waiting && this.#hasWindow() && this.#waiting.length === 0)
      entry.state = STATE.sent;
    if (entry.state === STATE.waiting) this.#waiting.push(entry);
    else this.#inflight += 1;
  }

  /**
   * The client is there. First again what it did not acknowledge, in its order, with DUP and under the same identifier
   * [MQTT-4.4.0-1] [MQTT-3.3.1-1]; then what waits.
   */
  connect(outlet: Outlet): void {
    this.#outlet = outlet;
    for (const { message, qos, retain, packetId, state } of this.#byId.values()) {
      if (state === STATE.sent) this.#publish(message, qos, retain, packetId, true);
      else if (state === STATE.released) outlet.send({ cmd: "pubrel", messageId: packetId });
    }
    this.pump();
  }

  /** The client is gone: QoS 0 does not wait for it. */
  disconnect(): void {
    this.#outlet = undefined;
    this.#holds = 0;
    if (this.#props.persistent) this.#remove((entry) => entry.qos === 0);
    else this.clear();
  }

  /** Nothing leaves until `resume`: a SUBACK goes before what its subscription brings. */
  hold(): void {
    this.#holds += 1;
  }

  resume(): void {
    this.#holds = Math.max(0, this.#holds - 1);
    this.pump();
  }

  /** Sends what may be sent now: the client reads, the window has room, the store has it. */
  pump(): void {
    const outlet = this.#outlet;
    if (!outlet || this.#holds > 0) return;
    for (;;) {
      const entry = this.#waiting.first;
      if (!entry?.committed) return;
      if (!this.#mayLeave(outlet, entry.qos, entry.retain)) {
        if (outlet.isCongested) this.#awaitRelief(outlet);
        return;
      }
      this.#waiting.shift();
      if (entry.sequence > 0) {
        entry.state = STATE.sent;
        this.#inflight += 1;
        this.#sentUpTo = Math.max(this.#sentUpTo, entry.sequence);
        this.#publish(entry.message, entry.qos, entry.retain, entry.packetId, entry.repeated);
      } else {
        this.#forget(entry);
        this.#send(entry.message, entry.qos, entry.retain);
      }
    }
  }

  /** PUBACK: the client owns it now. One that nobody waits for changes nothing. */
  acknowledge(packetId: number): void {
    const entry = this.#byId.get(packetId);
    if (entry?.qos === 1 && entry.state === STATE.sent) this.#finish(packetId, entry);
  }

  /**
   * PUBREC: from now on PUBREL is repeated, never the message.
   * @returns whether the store has to know first.
   */
  receive(packetId: number): boolean {
    const entry = this.#byId.get(packetId);
    if (entry?.qos !== 2 || entry.state !== STATE.sent) return false;
    if (entry.sequence === 0) {
      this.#byId.set(packetId, RELEASED_MARKER);
      return false;
    }
    entry.state = STATE.released;
    this.#props.store.update(this.#key, entry);
    return true;
  }

  /** PUBCOMP. */
  complete(packetId: number): void {
    const entry = this.#byId.get(packetId);
    if (entry?.state === STATE.released) this.#finish(packetId, entry);
  }

  /** Drops what the client may not get any more. What it has got already only waits for its acknowledgement. */
  dropRefused(mayReceive: (topic: string) => boolean): number {
    return this.#remove(
      (entry) =>
        (entry.state === STATE.waiting || (entry.state === STATE.sent && !this.#outlet)) &&
        !mayReceive(entry.message.topic),
    );
  }

  /**
   * Drops what waits in a place up to this one. What may have been sent stays: the client may hold a part of the exchange.
   * @returns how many messages.
   */
  dropUpTo(place: number): number {
    if (this.#waiting.length === 0) return 0;
    return this.#remove(
      ({ sequence, state, repeated }) => sequence > 0 && sequence <= place && state === STATE.waiting && !repeated,
    );
  }

  /** Drops everything. */
  clear(): void {
    this.#remove(() => true);
    this.#byId.clear();
    this.#inflight = 0;
  }

  /** A live message at QoS 0 is the outlet's to drop when the client is behind; the others wait here. */
  #mayLeave(outlet: Outlet, qos: Qos, retain: boolean): boolean {
    if (qos === 0) return !retain || !outlet.isCongested;
    return this.#hasWindow() && !outlet.isCongested;
  }

  #hasWindow(): boolean {
    return this.#inflight < this.#limits.inflightOutbound;
  }

  #hasRoom(message: Message, retain: boolean): boolean {
    const { queuedMessages, queuedBytes, queuedBytesInAll, queuedRetained } = this.#limits;
    return (
      // What a subscription is owed at once may be more than what a client may miss.
      this.#waiting.length < (retain ? queuedRetained : queuedMessages) &&
      this.#byId.size < queuedRetained &&
      this.#bytes + message.size <= queuedBytes &&
      this.#props.store.bytes + message.size <= queuedBytesInAll
    );
  }

  #entry(message: Message, qos: Qos, retain: boolean, stored: boolean): QueueEntry {
    const { store } = this.#props;
    store.hold(message);
    this.#bytes += message.size;
    return {
      message,
      qos,
      retain,
      packetId: stored ? this.#ids.next(this.#byId) : 0,
      state: STATE.waiting,
      sequence: stored ? store.next() : 0,
      repeated: false,
      committed: !stored,
    };
  }

  /** What is not stored leaves nothing behind but its identifier: it is never sent twice. */
  #send(message: Message, qos: Qos, retain: boolean): void {
    if (qos === 0) return this.#publish(message, 0, retain, 0);
    const packetId = this.#ids.next(this.#byId);
    this.#byId.set(packetId, SENT_MARKER[qos]);
    this.#inflight += 1;
    this.#publish(message, qos, retain, packetId);
  }

  #publish({ topic, payload }: Message, qos: Qos, retain: boolean, messageId: number, dup = false): void {
    this.#outlet?.send({ cmd: "publish", topic, payload, qos, retain, dup, messageId });
  }

  /** Goes on when the client has caught up. */
  #awaitRelief(outlet: Outlet): void {
    if (this.#awaiting) return;
    this.#awaiting = true;
    void outlet.relieved().then(() => {
      this.#awaiting = false;
      this.pump();
    });
  }

  #finish(packetId: number, entry: QueueEntry): void {
    this.#byId.delete(packetId);
    this.#inflight -= 1;
    if (entry.sequence > 0) this.#forget(entry);
    this.pump();
  }

  #forget(entry: QueueEntry): void {
    const { store } = this.#props;
    this.#bytes -= entry.message.size;
    if (entry.sequence > 0) store.delete(this.#key, entry);
    store.release(entry.message);
  }

  #remove(fits: (entry: QueueEntry) => boolean): number {
    let removed = 0;
    const take = (entry: QueueEntry): void => {
      removed += 1;
      this.#forget(entry);
    };
    for (const [packetId, entry] of this.#byId) {
      if (entry.sequence === 0 || entry.state === STATE.waiting || !fits(entry)) continue;
      this.#byId.delete(packetId);
      this.#inflight -= 1;
      take(entry);
    }
    this.#waiting.retain((entry) => {
      if (!fits(entry)) return true;
      this.#byId.delete(entry.packetId);
      take(entry);
      return false;
    });
    return removed;
  }
}
