import { topicFault } from "../../../policy/topic-filter";
import type { BodyReader } from "./body-reader";
import type { Publish, Qos } from "./packet";
import { PacketRefused } from "./packet-refused";

const DUP = 0x08;
const RETAIN = 0x01;

/**
 * MQTT 3.1.1, section 3.3. The payload is a view of what was received, unless it is to be retained.
 * @param flags the lower four bits of the first byte.
 * @throws PacketRefused
 */
export function decodePublish(flags: number, reader: BodyReader): Publish {
  const qos = (flags >> 1) & 3;
  const dup = (flags & DUP) !== 0;
  const retain = (flags & RETAIN) !== 0;
  if (qos === 3) throw new PacketRefused("PUBLISH: both QoS bits are set [MQTT-3.3.1-4]");
  if (dup && qos === 0) throw new PacketRefused("PUBLISH: DUP is set at QoS 0 [MQTT-3.3.1-2]");
  const topic = reader.text("topic name");
  if (topic.includes("#") || topic.includes("+"))
    throw new PacketRefused("PUBLISH: the topic name contains a wildcard [MQTT-3.3.2-2]");
  if (topic === "") throw new PacketRefused(`PUBLISH: topic name: ${topicFault(topic)}`);
  const messageId = qos > 0 ? reader.packetId() : undefined;
  const payload = reader.rest();
  return {
    cmd: "publish",
    topic,
    // A retained message may stay for years: it must not hold on to all that came with it.
    payload: retain ? Buffer.from(payload) : payload,
    qos: qos as Qos,
    retain,
    dup,
    messageId,
  };
}
