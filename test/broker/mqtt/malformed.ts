import { connectPacket, field, packet } from "./wire";

/** A packet that MQTT 3.1.1 forbids. */
export interface Malformed {
  /** The normative statement that it breaks. */
  readonly rule: string;
  readonly title: string;
  /** Sent in the place of the CONNECT, or behind a good one. */
  readonly when: "first" | "connected";
  readonly bytes: (who: { name: string; password: string }) => Buffer;
  /** CONNACK return code that the standard names. @default the connection just ends */
  readonly returnCode?: number;
  /** What Aedes 1.2.0 does as it is shipped. */
  readonly bare: "accepts" | "refuses" | "answers otherwise";
}

const first = (
  rule: string,
  title: string,
  bare: Malformed["bare"],
  bytes: Malformed["bytes"],
  returnCode?: number,
): Malformed => ({ rule, title, when: "first", bytes, bare, returnCode });
const later = (rule: string, title: string, bare: Malformed["bare"], bytes: Buffer): Malformed => ({
  rule,
  title,
  when: "connected",
  bytes: () => bytes,
  bare,
});

const TOPIC = "plant/line/gw-1/data/x";
/** UTF-8 that is none: a surrogate, an overlong slash, a cut character, beyond U+10FFFF. */
const SURROGATE = [0x61, 0xed, 0xa0, 0x80];
const OVERLONG = [0x61, 0xc0, 0xaf];
const CUT = [0x61, 0xe2, 0x82];
const BEYOND = [0x61, 0xf4, 0x90, 0x80, 0x80];
const NULL = [0x61, 0x00, 0x62];
const ID = Buffer.from([0, 7]);
const NO_ID = Buffer.from([0, 0]);

const subscribe = (filter: string | readonly number[]): Buffer => packet(0x82, ID, field(filter), 0);

export const MALFORMED: readonly Malformed[] = [
  // What comes before a CONNECT
  first("MQTT-3.1.0-1", "a PINGREQ before the CONNECT", "refuses", () => packet(0xc0)),
  first("MQTT-3.1.0-1", "a PUBLISH before the CONNECT", "refuses", () => packet(0x30, field(TOPIC))),
  first("MQTT-3.1.0-1", "a SUBSCRIBE before the CONNECT", "refuses", () => subscribe(TOPIC)),

  // CONNECT
  first("MQTT-2.2.2-2", "a CONNECT with reserved flags", "refuses", (who) => connectPacket(who, { first: 0x11 })),
  first("MQTT-3.1.2-1", "another protocol name", "refuses", (who) => connectPacket(who, { protocol: "MQTX" })),
  first("MQTT-3.1.2-1", "the protocol name of MQTT 3.1 at another level", "accepts", (who) =>
    connectPacket(who, { protocol: "MQIsdp" }),
  ),
  first("MQTT-3.1.2-2", "MQTT 3.1", "accepts", (who) => connectPacket(who, { protocol: "MQIsdp", level: 3 }), 1),
  first("MQTT-3.1.2-2", "protocol level 5", "answers otherwise", (who) => connectPacket(who, { level: 5 }), 1),
  first("MQTT-3.1.2-2", "protocol level 7", "refuses", (who) => connectPacket(who, { level: 7 }), 1),
  first("MQTT-3.1.2-2", "protocol level 132, a bridge's", "accepts", (who) => connectPacket(who, { level: 0x84 }), 1),
  first("MQTT-3.1.2-3", "the reserved connect flag", "refuses", (who) => connectPacket(who, { flags: 0xc3 })),
  first("MQTT-3.1.2-13", "a will QoS without a will", "refuses", (who) => connectPacket(who, { flags: 0xca })),
  first("MQTT-3.1.2-14", "a will at QoS 3", "accepts", (who) =>
    connectPacket(who, { flags: 0xde, will: ["plant/line/gw-1/status", "off"] }),
  ),
  first("MQTT-3.1.2-15", "will retain without a will", "refuses", (who) => connectPacket(who, { flags: 0xe2 })),
  first("MQTT-3.1.2-22", "a password without a user name", "accepts", (who) =>
    connectPacket(who, { flags: 0x42, userName: undefined }),
  ),
  first(
    "MQTT-3.1.3-8",
    "an empty ClientId for a session to keep",
    "accepts",
    (who) => connectPacket(who, { flags: 0xc0, clientId: "" }),
    2,
  ),
  first("MQTT-1.5.3-1", "a ClientId that is not UTF-8", "accepts", (who) =>
    connectPacket(who, { clientId: SURROGATE }),
  ),
  first("MQTT-1.5.3-2", "a ClientId with U+0000", "accepts", (who) => connectPacket(who, { clientId: NULL })),
  first("MQTT-1.5.3-1", "a user name that is not UTF-8", "accepts", (who) => connectPacket(who, { userName: CUT })),
  first("MQTT-1.5.3-2", "a user name with U+0000", "accepts", (who) => connectPacket(who, { userName: NULL })),
  first("MQTT-1.5.3-1", "a will topic that is not UTF-8", "accepts", (who) =>
    connectPacket(who, { flags: 0xc6, will: [OVERLONG, "off"] }),
  ),
  first("MQTT-1.5.3-2", "a will topic with U+0000", "accepts", (who) =>
    connectPacket(who, { flags: 0xc6, will: [NULL, "off"] }),
  ),
  first("MQTT-4.7.1-1", "a will topic with a wildcard", "accepts", (who) =>
    connectPacket(who, { flags: 0xc6, will: ["plant/line/gw-1/#", "off"] }),
  ),
  first("MQTT-4.7.3-1", "an empty will topic", "accepts", (who) =>
    connectPacket(who, { flags: 0xc6, will: ["", "off"] }),
  ),
  first("MQTT-4.8.0-1", "a CONNECT with bytes behind its last field", "accepts", (who) =>
    connectPacket(who, { trailing: [1] }),
  ),
  first("MQTT-4.8.0-1", "a CONNECT that lacks the password it announces", "refuses", (who) =>
    connectPacket(who, { password: undefined }),
  ),
  first("MQTT-4.8.0-1", "a CONNECT that ends in its header", "refuses", () => packet(0x10, field("MQTT"), 4)),
  first("MQTT-4.8.0-1", "a remaining length of five bytes", "refuses", () =>
    Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x01]),
  ),

  // Behind the CONNECT
  later("MQTT-3.1.0-2", "a second CONNECT", "refuses", connectPacket({ name: "gw-1", password: "x" })),
  later("MQTT-4.8.0-1", "packet type 0", "refuses", packet(0x00)),
  later("MQTT-4.8.0-1", "packet type 15", "refuses", packet(0xf0)),
  later("MQTT-4.8.0-1", "a CONNACK from a client", "refuses", packet(0x20, 0, 0)),
  later("MQTT-4.8.0-1", "a SUBACK from a client", "refuses", packet(0x90, ID, 0)),
  later("MQTT-4.8.0-1", "an UNSUBACK from a client", "refuses", packet(0xb0, ID)),
  later("MQTT-4.8.0-1", "a PINGRESP from a client", "refuses", packet(0xd0)),

  // PUBLISH
  later("MQTT-3.3.1-2", "DUP at QoS 0", "accepts", packet(0x38, field(TOPIC))),
  later("MQTT-3.3.1-4", "QoS 3", "refuses", packet(0x36, field(TOPIC), ID)),
  later("MQTT-2.3.1-1", "a PUBLISH at QoS 1 with packet identifier 0", "accepts", packet(0x32, field(TOPIC), NO_ID)),
  later("MQTT-2.3.1-1", "a PUBLISH at QoS 2 with packet identifier 0", "accepts", packet(0x34, field(TOPIC), NO_ID)),
  later("MQTT-3.3.2-2", "a topic name with '#'", "refuses", packet(0x30, field("plant/line/gw-1/data/#"))),
  later("MQTT-3.3.2-2", "a topic name with '+'", "refuses", packet(0x30, field("plant/line/gw-1/data/+"))),
  later("MQTT-4.7.3-1", "an empty topic name", "refuses", packet(0x30, field(""))),
  later("MQTT-1.5.3-1", "a topic name with a surrogate", "accepts", packet(0x30, field(SURROGATE))),
  later("MQTT-1.5.3-1", "a topic name with an overlong form", "accepts", packet(0x30, field(OVERLONG))),
  later("MQTT-1.5.3-1", "a topic name that is cut in a character", "accepts", packet(0x30, field(CUT))),
  later("MQTT-1.5.3-1", "a topic name beyond U+10FFFF", "accepts", packet(0x30, field(BEYOND))),
  later("MQTT-1.5.3-2", "a topic name with U+0000", "accepts", packet(0x30, field(NULL))),
  later("MQTT-4.8.0-1", "a topic name longer than its packet", "refuses", packet(0x30, 0, 9, 0x61)),
  later("MQTT-4.8.0-1", "a PUBLISH that ends before its packet identifier", "accepts", packet(0x32, field(TOPIC), 0)),

  // Acknowledgements
  later("MQTT-2.2.2-2", "a PUBACK with reserved flags", "refuses", packet(0x42, ID)),
  later("MQTT-2.2.2-2", "a PUBREC with reserved flags", "refuses", packet(0x51, ID)),
  later("MQTT-3.6.1-1", "a PUBREL without its flags", "refuses", packet(0x60, ID)),
  later("MQTT-2.2.2-2", "a PUBCOMP with reserved flags", "refuses", packet(0x78, ID)),
  later("MQTT-2.3.1-1", "a PUBACK for packet identifier 0", "accepts", packet(0x40, NO_ID)),
  later("MQTT-2.3.1-1", "a PUBREL for packet identifier 0", "accepts", packet(0x62, NO_ID)),
  later("MQTT-4.8.0-1", "a PUBACK without a packet identifier", "accepts", packet(0x40)),
  later("MQTT-4.8.0-1", "a PUBACK with bytes behind its last field", "accepts", packet(0x40, ID, 0)),

  // SUBSCRIBE
  later("MQTT-3.8.1-1", "a SUBSCRIBE without its flags", "refuses", packet(0x80, ID, field(TOPIC), 0)),
  later("MQTT-2.3.1-1", "a SUBSCRIBE with packet identifier 0", "accepts", packet(0x82, NO_ID, field(TOPIC), 0)),
  later("MQTT-3.8.3-3", "a SUBSCRIBE for nothing", "refuses", packet(0x82, ID)),
  later("MQTT-3.8.3-4", "a requested QoS of 3", "refuses", packet(0x82, ID, field(TOPIC), 3)),
  later("MQTT-3.8.3-4", "reserved bits beside the requested QoS", "refuses", packet(0x82, ID, field(TOPIC), 4)),
  later("MQTT-4.8.0-1", "a filter without a requested QoS", "refuses", packet(0x82, ID, field(TOPIC))),
  later("MQTT-4.7.3-1", "an empty filter", "refuses", subscribe("")),
  later("MQTT-4.7.1-2", "'#' before the last level", "refuses", subscribe("a/#/b")),
  later("MQTT-4.7.1-2", "'#' at the end of a level", "accepts", subscribe("a#")),
  later("MQTT-4.7.1-3", "'+' at the begin of a level", "accepts", subscribe("+b")),
  later("MQTT-4.7.1-3", "'+' at the end of a level", "accepts", subscribe("a+")),
  later("MQTT-4.7.1-3", "'+' at the begin of a later level", "accepts", subscribe("a/+b")),
  later("MQTT-1.5.3-1", "a filter that is not UTF-8", "accepts", subscribe(SURROGATE)),
  later("MQTT-1.5.3-2", "a filter with U+0000", "accepts", subscribe(NULL)),

  // UNSUBSCRIBE
  later("MQTT-3.10.1-1", "an UNSUBSCRIBE without its flags", "refuses", packet(0xa0, ID, field(TOPIC))),
  later("MQTT-2.3.1-1", "an UNSUBSCRIBE with packet identifier 0", "accepts", packet(0xa2, NO_ID, field(TOPIC))),
  later("MQTT-3.10.3-2", "an UNSUBSCRIBE from nothing", "accepts", packet(0xa2, ID)),
  later("MQTT-4.7.1-2", "an UNSUBSCRIBE from an invalid filter", "accepts", packet(0xa2, ID, field("a#"))),
  later("MQTT-1.5.3-1", "an UNSUBSCRIBE from what is not UTF-8", "accepts", packet(0xa2, ID, field(CUT))),

  // Packets without a body
  later("MQTT-2.2.2-2", "a PINGREQ with reserved flags", "refuses", packet(0xc1)),
  later("MQTT-4.8.0-1", "a PINGREQ with a body", "accepts", packet(0xc0, 1)),
  later("MQTT-3.14.1-1", "a DISCONNECT with reserved flags", "refuses", packet(0xe1)),
  later("MQTT-4.8.0-1", "a DISCONNECT with a body", "refuses", packet(0xe0, 1)),
];
