import type { MqttClient } from "mqtt";

/** Answers to what is asked here (MQTT 3.1.1, sections 3.4 and 3.9). */
const ANSWERS = ["puback", "suback"];

/**
 * Watches that a broker which has something to acknowledge acknowledges something. Keep-alive does not tell: a broker whose
 * store hangs answers pings, and into a dead line no ping goes as long as messages do, for each of them counts as a sign of
 * life of ours.
 *
 * @param ms how long nothing may be acknowledged while something is under way
 * @param stuck called once
 * @returns ends the watch
 */
export function watchAnswers(client: Pick<MqttClient, "on" | "off">, ms: number, stuck: () => void): () => void {
  const underWay = new Set<number | undefined>();
  let timer: NodeJS.Timeout | undefined;
  const sent = (packet: { readonly cmd: string; readonly messageId?: number; readonly qos?: number }): void => {
    if (packet.cmd !== "subscribe" && !(packet.cmd === "publish" && (packet.qos ?? 0) > 0)) return;
    underWay.add(packet.messageId);
    timer ??= setTimeout(stuck, ms);
  };
  const received = (packet: { readonly cmd: string; readonly messageId?: number }): void => {
    // An answer to what was never asked is none.
    if (!ANSWERS.includes(packet.cmd) || !underWay.delete(packet.messageId)) return;
    clearTimeout(timer);
    timer = underWay.size > 0 ? setTimeout(stuck, ms) : undefined;
  };
  client.on("packetsend", sent);
  client.on("packetreceive", received);
  return () => {
    clearTimeout(timer);
    client.off("packetsend", sent);
    client.off("packetreceive", received);
  };
}
