import { BodyReader } from "./body-reader";
import { decodeConnect } from "./decode-connect";
import { decodePublish } from "./decode-publish";
import { decodeSubscribe } from "./decode-subscribe";
import { decodeUnsubscribe } from "./decode-unsubscribe";
import type { Packet } from "./packet";
import { PacketRefused } from "./packet-refused";

/** MQTT 3.1.1, table 2.1: the types by number. */
const NAMES = [
  "type 0",
  "CONNECT",
  "CONNACK",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBSCRIBE",
  "SUBACK",
  "UNSUBSCRIBE",
  "UNSUBACK",
  "PINGREQ",
  "PINGRESP",
  "DISCONNECT",
  "type 15",
] as const;

const CONNECT = 1;
const PUBLISH = 3;
/** What a client may send besides PUBLISH, with the flags of table 2.2 and the statement that demands them. */
const FLAGS: Readonly<Record<number, readonly [flags: number, rule: string]>> = {
  1: [0, "MQTT-2.2.2-2"],
  4: [0, "MQTT-2.2.2-2"],
  5: [0, "MQTT-2.2.2-2"],
  6: [2, "MQTT-3.6.1-1"],
  7: [0, "MQTT-2.2.2-2"],
  8: [2, "MQTT-3.8.1-1"],
  10: [2, "MQTT-3.10.1-1"],
  12: [0, "MQTT-2.2.2-2"],
  14: [0, "MQTT-3.14.1-1"],
};

/**
 * Why a packet that begins with this byte cannot be accepted: known before its length, let alone its body.
 * @param first whether it is the first one of the connection.
 */
export function firstByteFault(byte: number, first: boolean): string | undefined {
  const type = byte >> 4;
  if (first && type !== CONNECT) return `${NAMES[type]}: the first packet is not a CONNECT [MQTT-3.1.0-1]`;
  if (!first && type === CONNECT) return "CONNECT: a second one [MQTT-3.1.0-2]";
  if (type === PUBLISH) return undefined;
  const rule = FLAGS[type];
  if (!rule) return `${NAMES[type]}: no packet that a client may send [MQTT-4.8.0-1]`;
  if ((byte & 0x0f) !== rule[0]) return `${NAMES[type]}: its reserved flags are not ${rule[0]} [${rule[1]}]`;
  return undefined;
}

/**
 * Decodes one packet, whole and complete, whose first byte has no fault.
 * @throws PacketRefused
 */
export function decodePacket(byte: number, body: Buffer): Packet {
  const type = byte >> 4;
  const reader = new BodyReader(body, NAMES[type]!);
  switch (type) {
    case CONNECT:
      return decodeConnect(reader);
    case PUBLISH:
      return decodePublish(byte & 0x0f, reader);
    case 4:
      return acknowledgement("puback", reader);
    case 5:
      return acknowledgement("pubrec", reader);
    case 6:
      return acknowledgement("pubrel", reader);
    case 7:
      return acknowledgement("pubcomp", reader);
    case 8:
      return decodeSubscribe(reader);
    case 10:
      return decodeUnsubscribe(reader);
    case 12:
      reader.end();
      return { cmd: "pingreq" };
    case 14:
      reader.end();
      return { cmd: "disconnect" };
    default:
      throw new PacketRefused(`${NAMES[type]}: no packet that a client may send [MQTT-4.8.0-1]`);
  }
}

function acknowledgement(cmd: "puback" | "pubrec" | "pubrel" | "pubcomp", reader: BodyReader): Packet {
  const messageId = reader.packetId();
  reader.end();
  return { cmd, messageId };
}
