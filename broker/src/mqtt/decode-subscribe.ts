import { filterFault } from "../../../policy/topic-filter";
import { LIMITS } from "../limits";
import type { BodyReader } from "./body-reader";
import type { Qos, Subscribe } from "./packet";
import { PacketRefused } from "./packet-refused";

/**
 * MQTT 3.1.1, section 3.8.
 * @throws PacketRefused
 */
export function decodeSubscribe(reader: BodyReader): Subscribe {
  const messageId = reader.packetId();
  const subscriptions: Subscribe["subscriptions"] = [];
  if (reader.atEnd) throw new PacketRefused("SUBSCRIBE: it asks for nothing [MQTT-3.8.3-3]");
  while (!reader.atEnd) {
    const topic = readFilter(reader);
    const qos = reader.byte("requested QoS");
    if (qos > 2)
      throw new PacketRefused(`SUBSCRIBE: the requested QoS is 0x${qos.toString(16)}, not 0, 1 or 2 [MQTT-3.8.3-4]`);
    subscriptions.push({ topic, qos: qos as Qos });
    limitFilters(reader, subscriptions.length);
  }
  return { cmd: "subscribe", messageId, subscriptions };
}

/** A packet may hold 87,000 filters, and looking at all of them would stop everybody else. */
export function limitFilters(reader: BodyReader, count: number): void {
  if (count > LIMITS.filtersPerPacket)
    throw new PacketRefused(`${reader.packet}: it has more than ${LIMITS.filtersPerPacket} topic filters`);
}

/** A topic filter by section 4.7. */
export function readFilter(reader: BodyReader): string {
  const filter = reader.text("topic filter");
  const fault = filterFault(filter);
  if (fault !== undefined) throw new PacketRefused(`${reader.packet}: topic filter: ${fault}`);
  return filter;
}
