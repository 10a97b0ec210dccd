import { Duplex } from "node:stream";
import { LIMITS } from "./limits";
import { decodePacket } from "./mqtt/decode-packet";
import { encodePacket, type OutgoingPacket } from "./mqtt/encode-packet";
import { FramePackets } from "./mqtt/frame-packets";
import type { Packet } from "./mqtt/packet";
import { PacketRefused } from "./mqtt/packet-refused";
import { OutboundQueue } from "./outbound-queue";
import type { Peer } from "./peer";

/** Batches of packets, each from one chunk, that wait for Aedes before the client is made to wait. */
const BATCHES = 4;
/** Milliseconds that what was sent before the end has to leave. */
const LAST_WORDS_MS = 1_000;

/**
 * The duplex between one client's connection and Aedes: the seam where hardening happens (decision 9).
 *
 * In: cuts the byte stream into packets, refuses every one that MQTT 3.1.1 does not allow or that is too large, and hands
 * on the others, decoded, a batch per chunk. Nothing behind the CONNECT passes until `admit()`.
 * Out: takes packets by `send()`, gathers those of one turn of the event loop into one write, and never makes Aedes wait.
 */
export class Gate extends Duplex {
  readonly #inner: Duplex;
  readonly #framer = new FramePackets(LIMITS.connectPacketBytes);
  readonly #out: OutboundQueue;
  readonly #idle: NodeJS.Timeout;
  #connected = false;
  #admitted = false;
  /** A DISCONNECT [MQTT-3.14.4-2] or a fault came: nothing follows it. */
  #over = false;
  #held: Buffer | undefined;
  /** The client has said its last; a socket says so though it is paused, before what is held had its turn. */
  #ended = false;
  /** What is held goes on in the next turn. */
  #continues = false;
  #holdConnack: ((leave: () => void) => void) | undefined;
  #lingers = false;

  constructor(
    inner: Duplex,
    /** Who is at the other end. */
    readonly peer: Peer,
  ) {
    super({ readableObjectMode: true, readableHighWaterMark: BATCHES });
    this.#inner = inner;
    this.#out = new OutboundQueue(inner, (error) => this.destroy(error));
    this.#idle = setTimeout(() => this.destroy(new Error("silent for too long")), LIMITS.idleMs).unref();
    inner.on("data", (chunk: Buffer) => this.#receive(chunk));
    inner.on("end", () => {
      // Whoever has said its last is not written to any more: its socket would take that for a fault.
      if (!inner.allowHalfOpen) this.#out.discard();
      this.#ended = true;
      if (!this.#held) this.#end();
    });
    inner.on("error", (error) => this.destroy(error));
    inner.on("close", () => {
      // Who says DISCONNECT and closes has said it, though what comes before it waits for its turn, or for CONNACK, for which
      // nobody has to wait (MQTT 3.1.1, 3.1.4): "end" comes behind that.
      if (!(this.#admitted || this.#held) || !inner.readableEnded || this.readableEnded) this.destroy();
    });
  }

  /** The client is who it says, and knows that it is accepted: its later packets may pass. Emits "admitted". */
  admit(): void {
    this.#admitted = true;
    this.peer.loggedIn?.();
    this.emit("admitted");
    this.#framer.limit = LIMITS.packetBytes;
    this.#continue();
  }

  /** CONNACK waits until `leave` is called; whoever sends it has to wait for "drain" then. @param hold is called with it. */
  holdConnack(hold: (leave: () => void) => void): void {
    this.#holdConnack = hold;
  }

  /**
   * Sends a CONNACK that accepts, when it may leave.
   * @returns false when that is later: "drain" says so.
   */
  sendConnack(packet: OutgoingPacket): boolean {
    let isSent = false;
    let isLate = false;
    const leave = (): void => {
      if (isSent || this.destroyed) return;
      isSent = true;
      this.send(packet);
      if (isLate) this.emit("drain");
    };
    if (this.#holdConnack) this.#holdConnack(leave);
    else leave();
    isLate = true;
    return isSent;
  }

  /** Sends a packet, some time before the next turn of the event loop ends. Never waits; see `isCongested`. */
  send(packet: OutgoingPacket): void {
    const isMessage = packet.cmd === "publish";
    this.#out.add(encodePacket(packet), isMessage && packet.qos === 0 && !packet.retain);
  }

  /** Whether the client is behind: messages at QoS 0 are dropped, and those that can wait in a store should. */
  get isCongested(): boolean {
    return this.#out.isCongested;
  }

  /** Resolves when the client has caught up or gone. */
  relieved(): Promise<void> {
    return this.#out.relieved();
  }

  /** Messages at QoS 0 that the client lost by reading too slowly. */
  get dropped(): number {
    return this.#out.dropped;
  }

  /**
   * Ends at once: not a byte more is read or written. Only the connection below stays open.
   * @returns ends that, too.
   */
  abandon(reason: Error): () => void {
    this.#lingers = true;
    this.destroy(reason);
    return () => this.#inner.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed || this.#over) return;
    this.#idle.refresh();
    if (this.#held) return this.#hold(chunk);
    const batch: Packet[] = [];
    try {
      for (let offset = 0; offset < chunk.length && !this.#over; offset = this.#framer.offset) {
        if ((this.#connected && !this.#admitted) || batch.length === LIMITS.packetsPerTurn) {
          this.#hold(chunk.subarray(offset));
          break;
        }
        const frame = this.#framer.next(chunk, offset);
        if (!frame) break;
        const packet = decodePacket(frame.byte, frame.body);
        this.#connected = true;
        this.#over = packet.cmd === "disconnect";
        batch.push(packet);
      }
    } catch (error) {
      if (!this.#connected || !(error instanceof PacketRefused)) return this.#refuse(error as Error);
      // [MQTT-4.8.0-1] ends the connection, and takes back nothing of what came before: the fault waits for its turn.
      this.#over = true;
      this.#inner.pause();
      batch.push({ cmd: "refused", error });
    }
    if (batch.length > 0 && !this.push(batch)) this.#inner.pause();
    else if (this.#held) this.#continueNextTurn();
  }

  #continue(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#receive(held);
    if (this.#ended && !this.#held) this.#end();
    const isFull = this.readableLength >= this.readableHighWaterMark;
    if (!this.#held && !this.#over && !isFull && !this.destroyed) this.#inner.resume();
  }

  /** The end comes in its turn, too: a stream's own would overtake the packets that were read and wait to be handled. */
  #end(): void {
    this.#ended = false;
    this.push(this.#admitted ? [{ cmd: "end" } satisfies Packet] : null);
  }

  /** One read may hold thousands of packets: between two parts of them it is the other clients' turn. */
  #continueNextTurn(): void {
    if (this.#continues || !this.#admitted) return;
    this.#continues = true;
    setImmediate(() => {
      this.#continues = false;
      this.#continue();
    });
  }

  #hold(rest: Buffer): void {
    this.#held = this.#held ? Buffer.concat([this.#held, rest]) : rest;
    this.#inner.pause();
  }

  #refuse(error: Error): void {
    if (error instanceof PacketRefused && error.returnCode !== undefined)
      this.send({ cmd: "connack", returnCode: error.returnCode, sessionPresent: false });
    this.destroy(error);
  }

  override _read(): void {
    if (this.#held) this.#continueNextTurn();
    else if (!this.#over) this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#out.add(chunk, false);
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#out.end();
    this.#inner.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idle);
    const inner = this.#inner;
    const isRefused = error instanceof PacketRefused;
    if (inner.writable && !inner.destroyed && (error === null || (isRefused && error.returnCode !== undefined))) {
      // What was sent before an end in order (a CONNACK with its return code) still leaves; a peer that does not read it
      // cannot hold us.
      this.#out.end();
      inner.end();
      inner.resume();
      setTimeout(() => inner.destroy(), LAST_WORDS_MS).unref();
    } else if (inner.writable && !inner.destroyed && isRefused && this.#admitted) {
      // So do the answers to what came before the fault; but nothing more is read.
      this.#out.end();
      inner.pause();
      inner.end(() => inner.destroy());
      setTimeout(() => inner.destroy(), LAST_WORDS_MS).unref();
    } else {
      this.#out.discard();
      if (this.#lingers) inner.pause();
      else inner.destroy(error ?? undefined);
    }
    done(error);
  }
}
