import type { EventEmitter } from "node:events";
import type { Client } from "aedes";
import mqtt from "mqtt-packet";
import { Gate } from "./gate";
import type { OutgoingPacket } from "./mqtt/encode-packet";
import type { Packet } from "./mqtt/packet";

/*
 * Everything of Aedes 1.2.0 and its mqtt-packet 9.0.2 that no public seam reaches and that we touch all the same
 * (decisions 9 and 13): nothing else in the broker may. Each has a contract test in test/broker/aedes-internals.test.ts.
 *
 * 1. `mqtt.writeToStream(packet, connection)`: all that Aedes sends goes through this property of mqtt-packet's exports.
 *    Replaced for gates alone: one buffer a packet, encoded once for a fan-out, in the place of five or six small writes.
 * 2. `client._parser.parse(chunk)`: called with whatever the connection's `read()` gave; emits "packet" for each packet.
 *    Replaced by one that takes the batches which a gate has decoded and checked: bytes are parsed once.
 * 3. The one listener of `client._parser`'s "packet", Aedes' handling of a packet: called for the packets that are Aedes'
 *    (decision 13 in docs/decisions says which), and not for those that the delivery handles.
 * 4. `client._nextBatch()`: Aedes reads on when a packet of its own is done; called behind each batch, so that it reads on
 *    also when none was. `client.pause()` and `client.resume()` stop that and go on.
 *    Aedes counts what it handles and forgets to count down while it is paused: no packet that it answers may be passed on.
 * 5. `client._keepaliveTimer`: refreshed by Aedes with each packet it handles; by us with each batch, and as long as packets
 *    of one are being held back [MQTT-3.1.2-24].
 */

/** A client as Aedes knows it. */
interface Internals {
  readonly closed: boolean;
  readonly _parser: EventEmitter & { parse: (chunk: unknown) => number };
  readonly _nextBatch: () => void;
  readonly _keepaliveTimer: NodeJS.Timeout | null;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Hands a packet to Aedes. */
export interface PassOn {
  (packet: Packet): void;
  /** Stops reading from the client; what was read already still comes. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** The client's packets are still being handled: it is not silent. */
  readonly alive: () => void;
}

type WriteToStream = typeof mqtt.writeToStream;
let replacement: WriteToStream | undefined;

/**
 * Lets Aedes send to gates in one piece. Once a process; every other connection is written to as before.
 * @throws when mqtt-packet is not what it was.
 */
export function writeWholePackets(): void {
  const original = mqtt.writeToStream;
  if (original === replacement) return;
  if (typeof original !== "function" || original.length < 2)
    throw new Error("mqtt-packet: 'writeToStream' must be a function of packet and stream, as in 9.0.2");
  const write = (...[packet, stream, options]: Parameters<WriteToStream>): boolean => {
    if (!(stream instanceof Gate)) return original(packet, stream, options);
    // False makes Aedes wait for "drain", with everything that comes behind its CONNACK.
    if (packet.cmd === "connack" && packet.returnCode === 0) return stream.sendConnack(packet as OutgoingPacket);
    stream.send(packet as OutgoingPacket);
    // Never false for a live message: Aedes would wait for this client, and with it the publisher and everybody else.
    // A retained one that a SUBSCRIBE asked for keeps only that client waiting.
    return !(packet.cmd === "publish" && packet.retain && stream.isCongested);
  };
  const { cacheNumbers } = Object.getOwnPropertyDescriptors(original);
  replacement = Object.defineProperty(write, "cacheNumbers", cacheNumbers ?? {}) as WriteToStream;
  (mqtt as { writeToStream: WriteToStream }).writeToStream = replacement;
}

/**
 * Lets a client take the packets that its gate has decoded.
 * @param receive gets every packet, in order, until the client is closed. @default Aedes does
 * @throws when Aedes is not what it was.
 */
export function readDecodedPackets(client: Client, receive?: (packet: Packet) => void): PassOn {
  const internals = client as unknown as Internals;
  const { _parser: parser } = internals;
  const [listener, more] = typeof parser?.parse === "function" ? parser.listeners("packet") : [];
  if (!listener || more)
    throw new Error("aedes: a client must have a '_parser' with 'parse' whose packets it listens to, as in 1.2.0");
  for (const name of ["_nextBatch", "pause", "resume"] as const)
    if (typeof internals[name] !== "function") throw new Error(`aedes: a client must have '${name}', as in 1.2.0`);
  if (internals._keepaliveTimer === undefined)
    throw new Error("aedes: a client must have a '_keepaliveTimer', as in 1.2.0");
  const passOn = (packet: Packet): void => void listener.call(parser, packet);
  const take = receive ?? passOn;
  parser.parse = (batch) => {
    for (const packet of batch as readonly Packet[]) {
      if (internals.closed) return 0;
      take(packet);
    }
    internals._keepaliveTimer?.refresh();
    if (receive && !internals.closed) internals._nextBatch();
    return 0;
  };
  return Object.assign(passOn, {
    pause: () => internals.pause(),
    resume: () => internals.resume(),
    alive: () => void internals._keepaliveTimer?.refresh(),
  });
}
