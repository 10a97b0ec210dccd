import type { BodyReader } from "./body-reader";
import { limitFilters, readFilter } from "./decode-subscribe";
import type { Unsubscribe } from "./packet";
import { PacketRefused } from "./packet-refused";

/**
 * MQTT 3.1.1, section 3.10.
 * @throws PacketRefused
 */
export function decodeUnsubscribe(reader: BodyReader): Unsubscribe {
  const messageId = reader.packetId();
  const unsubscriptions: string[] = [];
  if (reader.atEnd) throw new PacketRefused("UNSUBSCRIBE: it names nothing [MQTT-3.10.3-2]");
  while (!reader.atEnd) {
    unsubscriptions.push(readFilter(reader));
    limitFilters(reader, unsubscriptions.length);
  }
  return { cmd: "unsubscribe", messageId, unsubscriptions };
}
