import { encodePublish, type Outgoing } from "./encode-publish";

/** What Aedes sends: a message, or one of MQTT's small packets. */
export type OutgoingPacket =
  | (Outgoing & { readonly cmd: "publish" })
  | { readonly cmd: "connack"; readonly returnCode: number; readonly sessionPresent: boolean }
  | { readonly cmd: "puback" | "pubrec" | "pubrel" | "pubcomp" | "unsuback"; readonly messageId: number }
  | { readonly cmd: "suback"; readonly messageId: number; readonly granted: readonly number[] }
  | { readonly cmd: "pingresp" };

/** MQTT 3.1.1, tables 2.1 and 2.2: type and flags. */
const FIRST = { puback: 0x40, pubrec: 0x50, pubrel: 0x62, pubcomp: 0x70, unsuback: 0xb0 } as const;
const CONNACK = 0x20;
const SUBACK = 0x90;
const PINGRESP = Buffer.from([0xd0, 0]);

/**
 * One packet from the server, in one buffer that nobody may change.
 * @throws when it is no packet that a server sends.
 */
export function encodePacket(packet: OutgoingPacket): Buffer {
  switch (packet.cmd) {
    case "publish":
      return encodePublish(packet);
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
    case "unsuback":
      return Buffer.from([FIRST[packet.cmd], 2, packet.messageId >> 8, packet.messageId & 0xff]);
    case "connack":
      return Buffer.from([CONNACK, 2, packet.sessionPresent ? 1 : 0, packet.returnCode]);
    case "suback":
      return suback(packet.messageId, packet.granted);
    case "pingresp":
      return PINGRESP;
    default:
      throw new Error(`a server sends no ${(packet as { cmd: string }).cmd}`);
  }
}

/** Section 3.9: at a byte a filter, and packets below 256 KiB, three length bytes are enough. */
function suback(id: number, granted: readonly number[]): Buffer {
  const length = 2 + granted.length;
  const lengthBytes =
    length < 128
      ? [length]
      : length < 16_384
        ? [(length & 0x7f) | 0x80, length >> 7]
        : [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
  return Buffer.from([SUBACK, ...lengthBytes, id >> 8, id & 0xff, ...granted]);
}
