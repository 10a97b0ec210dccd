import type { Qos } from "../mqtt/packet";
import { LIMITS } from "../limits";
import { key } from "../persistence/key";
import { Fifo } from "./fifo";
import type { Message } from "./message";
import type { Outlet } from "./outlet";
import { PacketIds } from "./packet-ids";
import { STATE, type QueueEntry } from "./queue-entry";
import type { QueueLimits } from "./queue-limits";
import { QueueExit } from "./queue-exit";
import { QueueRoom } from "./queue-room";
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
  readonly #room: QueueRoom;
  readonly #key: string;
  readonly #waiting = new Fifo<QueueEntry>();
  /** By packet identifier; for a persistent session from the moment it waits, so that the identifier is stored with it. */
  readonly #byId = new Map<number, QueueEntry>();
  readonly #ids = new PacketIds();
  #inflight = 0;
  readonly #exit = new QueueExit(() => this.pump());
  /** To be sent once more at this connection, in their order. */
  #again: (readonly [packetId: number, entry: QueueEntry])[] = [];
  #sentUpTo = 0;

  constructor(props: SessionQueueProps) {
    this.#props = props;
    this.#limits = props.limits ?? LIMITS;
    this.#room = new QueueRoom(props.store, this.#limits);
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
    if (qos === 0 && !this.#exit.isConnected) return undefined;
    const stored = persistent && qos > 0;
    const isFirst = this.#waiting.length === 0 && this.#again.length === 0;
    if (!stored && isFirst && this.#exit.isOpen && this.#mayLeave(qos, retain)) {
      this.#send(message, qos, retain);
      return undefined;
    }
    if (!this.#room.has(message, this.#waiting.length, this.#byId.size, retain)) {
      onDropped(qos);
      return undefined;
    }
    const entry = this.#entry(message, qos, retain, stored);
    this.#waiting.push(entry);
    if (!stored) {
      this.#exit.awaitRelief();
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
    this.#room.take(entry.message);
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
    this.#exit.connect(outlet);
    this.#again = [...this.#byId].filter(([, { state }]) => state !== STATE.waiting).reverse();
    this.pump();
  }

  /** No faster than the client reads: all at once, a window of large messages would be too much for it each time. */
  #sendAgain(): boolean {
    for (let next = this.#again.at(-1); next; next = this.#again.at(-1)) {
      const [packetId, entry] = next;
      const { message, qos, retain, state } = entry;
      // It may have been acknowledged meanwhile.
      if (this.#byId.get(packetId) === entry) {
        if (this.#exit.isCongested) return false;
        if (state === STATE.sent) this.#publish(message, qos, retain, packetId, true);
        else this.#exit.release(packetId);
      }
      this.#again.pop();
    }
    return true;
  }

  /** The client is gone: QoS 0 does not wait for it. */
  disconnect(): void {
    this.#exit.disconnect();
    this.#again = [];
    if (this.#props.persistent) this.#remove((entry) => entry.qos === 0);
    else this.clear();
  }

  /** Nothing leaves until `resume`: a SUBACK goes before what its subscription brings. */
  hold(): void {
    this.#exit.hold();
  }

  resume(): void {
    this.#exit.resume();
    this.pump();
  }

  /** Sends what may be sent now: the client reads, the window has room, the store has it. */
  pump(): void {
    if (!this.#exit.isOpen) return;
    if (!this.#sendAgain()) return this.#exit.awaitRelief();
    for (;;) {
      const entry = this.#waiting.first;
      if (!entry?.committed) return;
      if (!this.#mayLeave(entry.qos, entry.retain)) return this.#exit.awaitRelief();
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
        (entry.state === STATE.waiting || (entry.state === STATE.sent && !this.#exit.isConnected)) &&
        !mayReceive(entry.message.topic),
    );
  }

  /** Drops everything. */
  clear(): void {
    this.#remove(() => true);
    this.#byId.clear();
    this.#inflight = 0;
  }

  #mayLeave(qos: Qos, retain: boolean): boolean {
    return this.#exit.takes(qos, retain, this.#hasWindow());
  }

  #hasWindow(): boolean {
    return this.#inflight < this.#limits.inflightOutbound;
  }

  #entry(message: Message, qos: Qos, retain: boolean, stored: boolean): QueueEntry {
    const { store } = this.#props;
    this.#room.take(message);
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

  #publish(message: Message, qos: Qos, retain: boolean, packetId: number, dup = false): void {
    this.#exit.publish(message, qos, retain, packetId, dup);
  }

  #finish(packetId: number, entry: QueueEntry): void {
    this.#byId.delete(packetId);
    this.#inflight -= 1;
    if (entry.sequence > 0) this.#forget(entry);
    this.pump();
  }

  #forget(entry: QueueEntry): void {
    if (entry.sequence > 0) this.#props.store.delete(this.#key, entry);
    this.#room.free(entry.message);
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
