import type { MqttClient } from "mqtt";

/**
 * Sends one SUBSCRIBE and gives SUBACK's return codes: the granted QoS of each filter, 0x80 for a refused one
 * (mqtt.js itself only fails as a whole).
 */
export function granted(
  client: MqttClient,
  filters: readonly string[],
  qos: 0 | 1 | 2 = 1,
): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const look = (packet: { cmd: string; granted?: unknown }): void => {
      if (packet.cmd !== "suback") return;
      client.off("packetreceive", look);
      resolve(packet.granted as number[]);
    };
    client.on("packetreceive", look);
    client.subscribe([...filters], { qos }, () => undefined);
  });
}
