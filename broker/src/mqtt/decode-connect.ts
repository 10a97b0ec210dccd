import { topicFault } from "../../../policy/topic-filter";
import type { BodyReader } from "./body-reader";
import type { Connect, Qos } from "./packet";
import { CONNACK, PacketRefused } from "./packet-refused";

const LEVEL = 4;
/** MQTT 3.1 called itself so. Its clients know CONNACK and that return code, and may then try 3.1.1. */
const FORMER_NAME = "MQIsdp";
const FLAG = { reserved: 0x01, clean: 0x02, will: 0x04, willRetain: 0x20, password: 0x40, userName: 0x80 } as const;
const WILL_QOS_SHIFT = 3;

/**
 * MQTT 3.1.1, section 3.1. What is malformed ends without a CONNACK [MQTT-3.1.4-1]; two faults have one.
 * @throws PacketRefused
 */
export function decodeConnect(reader: BodyReader): Connect {
  const name = reader.text("protocol name");
  if (name !== "MQTT" && name !== FORMER_NAME)
    throw new PacketRefused("CONNECT: the protocol name is not 'MQTT' [MQTT-3.1.2-1]");
  const level = reader.byte("protocol level");
  if (name === FORMER_NAME && level === LEVEL)
    throw new PacketRefused(`CONNECT: the protocol name is '${FORMER_NAME}' at level ${LEVEL} [MQTT-3.1.2-1]`);
  if (level !== LEVEL)
    throw new PacketRefused(
      `CONNECT: the protocol level is ${level}, not 4 (MQTT 3.1.1) [MQTT-3.1.2-2]`,
      CONNACK.unacceptableProtocolVersion,
    );
  const flags = reader.byte("connect flags");
  const fault = flagsFault(flags);
  if (fault !== undefined) throw new PacketRefused(`CONNECT: ${fault}`);

  const clean = (flags & FLAG.clean) !== 0;
  const keepalive = reader.integer("keep alive");
  const clientId = reader.text("client identifier");
  const will = flags & FLAG.will ? readWill(reader, flags) : undefined;
  const username = flags & FLAG.userName ? reader.text("user name") : undefined;
  const password = flags & FLAG.password ? Buffer.from(reader.binary("password")) : undefined;
  reader.end();
  if (clientId === "" && !clean)
    throw new PacketRefused(
      "CONNECT: the client identifier is empty, but the session is to be kept [MQTT-3.1.3-8]",
      CONNACK.identifierRejected,
    );
  return {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean,
    keepalive,
    clientId,
    will,
    username,
    password,
  };
}

const willQos = (flags: number): number => (flags >> WILL_QOS_SHIFT) & 3;

function flagsFault(flags: number): string | undefined {
  if (flags & FLAG.reserved) return "the reserved connect flag is set [MQTT-3.1.2-3]";
  if (flags & FLAG.will) {
    if (willQos(flags) === 3) return "the will QoS is 3 [MQTT-3.1.2-14]";
  } else {
    if (willQos(flags) !== 0) return "there is a will QoS, but no will [MQTT-3.1.2-13]";
    if (flags & FLAG.willRetain) return "will retain is set, but there is no will [MQTT-3.1.2-15]";
  }
  if (flags & FLAG.password && !(flags & FLAG.userName)) return "there is a password, but no user name [MQTT-3.1.2-22]";
  return undefined;
}

function readWill(reader: BodyReader, flags: number): Connect["will"] {
  const topic = reader.text("will topic");
  const fault = topicFault(topic);
  if (fault !== undefined) throw new PacketRefused(`CONNECT: will topic: ${fault}`);
  // A copy: it lives as long as the session, what was received with it should not.
  const payload = Buffer.from(reader.binary("will message"));
  return { topic, payload, qos: willQos(flags) as Qos, retain: (flags & FLAG.willRetain) !== 0 };
}
