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
import { Redelivery } from "./redelivery";
import { RELEASED_MARKER, SENT_MARKER } from "./sent-marker";
import type { Share } from "./share";

export interface SessionQueueProps {
  readonly clientId: string;
  /** Whether what waits outlives the connection, and is stored. */
  readonly persistent: boolean;
  readonly store: QueueStore;
  /** What waits for this and all other sessions of the same identity. @default this is the only one */
  readonly share?: Share;
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
  #lost = 0;
  readonly #exit = new QueueExit(() => this.pump());
  readonly #redelivery = new Redelivery(this.#byId, this.#exit);
  #sentUpTo = 0;

  constructor(props: SessionQueueProps) {
    this.#props = props;
    this.#limits = props.limits ?? LIMITS;
    this.#room = new QueueRoom(props.store, this.#limits, props.share ?? { bytes: 0 });
    this.#key = key.queue(props.clientId);
  }

  /** Messages that wait or are not acknowledged yet. */
  get length(): number {
    return this.#waiting.length + this.#inflight;
  }

  /** Messages that found no room, so far. */
  get lost(): number {
    return this.#lost;
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
    const isFirst = this.#waiting.length === 0 && this.#redelivery.isOver && this.#exit.isOpen;
    if (!stored && isFirst && this.#exit.takes(qos, retain, this.#hasWindow())) {
      this.#send(message, qos, retain);
      return undefined;
    }
    if (!this.#room.has(message, this.#waiting.length, this.#byId.size, retain)) {
      this.#lost += 1;
      onDropped(qos);
      return undefined;
    }
    const entry = this.#entry(message, qos, retain, stored);
    this.#waiting.push(entry);
    if (!stored) return void this.#exit.awaitRelief();
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

  /** The client is there: first again what it did not acknowledge, then what waits. */
  connect(outlet: Outlet): void {
    this.#exit.connect(outlet);
    this.#redelivery.begin();
    this.pump();
  }

  /** The client is gone: QoS 0 does not wait for it. */
  disconnect(): void {
    this.#exit.disconnect();
    this.#redelivery.end();
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
    if (!this.#redelivery.advance()) return this.#exit.awaitRelief();
    for (;;) {
      const entry = this.#waiting.first;
      if (!entry?.committed) return;
      if (!this.#exit.takes(entry.qos, entry.retain, this.#hasWindow())) return this.#exit.awaitRelief();
      this.#waiting.shift();
      if (entry.sequence > 0) {
        entry.state = STATE.sent;
        this.#inflight += 1;
        this.#sentUpTo = Math.max(this.#sentUpTo, entry.sequence);
        this.#exit.publish(entry.message, entry.qos, entry.retain, entry.packetId, entry.repeated);
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

  /** PUBREC: from now on PUBREL is repeated, never the message; what is stored has to know before it leaves. */
  receive(packetId: number): void {
    const entry = this.#byId.get(packetId);
    if (entry?.qos !== 2 || entry.state !== STATE.sent) return;
    if (entry.sequence === 0) return void this.#byId.set(packetId, RELEASED_MARKER);
    entry.state = STATE.released;
    this.#props.store.update(this.#key, entry);
  }

  /** PUBCOMP. */
  complete(packetId: number): void {
    const entry = this.#byId.get(packetId);
    if (entry?.state === STATE.released) this.#finish(packetId, entry);
  }

  /** Drops what the client may not get any more. What this connection was sent only waits for its acknowledgement. */
  dropRefused(mayReceive: (topic: string) => boolean): number {
    const leaves = ({ state, packetId }: QueueEntry): boolean =>
      state === STATE.waiting ||
      (state === STATE.sent && (!this.#exit.isConnected || this.#redelivery.isOwed(packetId)));
    return this.#remove((entry) => leaves(entry) && !mayReceive(entry.message.topic));
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

  #hasWindow(): boolean {
    return this.#inflight < this.#limits.inflightOutbound;
  }

  #entry(message: Message, qos: Qos, retain: boolean, stored: boolean): QueueEntry {
    this.#room.take(message);
    return {
      message,
      qos,
      retain,
      packetId: stored ? this.#ids.next(this.#byId) : 0,
      state: STATE.waiting,
      sequence: stored ? this.#props.store.next() : 0,
      repeated: false,
      committed: !stored,
    };
  }

  /** What is not stored leaves nothing behind but its identifier: it is never sent twice. */
  #send(message: Message, qos: Qos, retain: boolean): void {
    if (qos === 0) return this.#exit.publish(message, 0, retain, 0, false);
    const packetId = this.#ids.next(this.#byId);
    this.#byId.set(packetId, SENT_MARKER[qos]);
    this.#inflight += 1;
    this.#exit.publish(message, qos, retain, packetId, false);
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
      this.#byId.delete(entry.packetId);
      this.#forget(entry);
    };
    for (const entry of this.#byId.values()) {
      if (entry.sequence === 0 || entry.state === STATE.waiting || !fits(entry)) continue;
      this.#inflight -= 1;
      take(entry);
    }
    this.#waiting.retain((entry) => {
      if (!fits(entry)) return true;
      take(entry);
      return false;
    });
    return removed;
  }
}
