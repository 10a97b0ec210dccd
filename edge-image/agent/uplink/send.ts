import type { MqttClient } from "mqtt";

/** Publishes and waits: at QoS 1 for the broker's PUBACK, at QoS 0 until it left. @throws when the connection ended first */
export const send = (
  client: MqttClient,
  topic: string,
  payload: Buffer | string,
  options: { readonly qos: 0 | 1; readonly retain?: boolean },
): Promise<void> =>
  new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error("the connection ended"));
    client.once("close", ended);
    client.publish(topic, payload, options, (error) => {
      client.off("close", ended);
      if (error) reject(error);
      else resolve();
    });
  });
