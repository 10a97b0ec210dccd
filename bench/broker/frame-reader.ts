/** What a client of the bench hears from its broker. */
export interface Heard {
  connAck(returnCode: number): void;
  subAck(returnCode: number): void;
  pubAck(): void;
  /** The payload starts at `payload`; both are valid during the call only. `packetId` 0: QoS 0. */
  publish(bytes: Buffer, payload: number, packetId: number): void;
}

/** Cuts a stream into MQTT packets where it lies and copies nothing but a packet that two reads share. */
export function frameReader(heard: Heard): (bytes: Buffer) => void {
  let rest: Buffer | undefined;

  const take = (bytes: Buffer, start: number, body: number): void => {
    const first = bytes[start]!;
    switch (first >> 4) {
      case 2:
        return heard.connAck(bytes[body + 1]!);
      case 3: {
        const behindTopic = body + 2 + ((bytes[body]! << 8) | bytes[body + 1]!);
        if ((first & 0x06) === 0) return heard.publish(bytes, behindTopic, 0);
        return heard.publish(bytes, behindTopic + 2, (bytes[behindTopic]! << 8) | bytes[behindTopic + 1]!);
      }
      case 4:
        return heard.pubAck();
      case 9:
        return heard.subAck(bytes[body + 2]!);
      default:
        throw new Error(`the broker sent a packet of type ${first >> 4}, which nobody asked for`);
    }
  };

  return (chunk) => {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    rest = undefined;
    let start = 0;
    while (start < bytes.length) {
      let at = start + 1;
      let length = 0;
      let shift = 0;
      let byte = 0x80;
      while (byte >= 0x80 && at < bytes.length) {
        byte = bytes[at++]!;
        length += (byte & 0x7f) << shift;
        shift += 7;
      }
      if (byte >= 0x80 || at + length > bytes.length) break;
      take(bytes, start, at);
      start = at + length;
    }
    if (start < bytes.length) rest = Buffer.from(bytes.subarray(start));
  };
}
