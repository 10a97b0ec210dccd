import type { MqttClient } from "mqtt";

export interface Received {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

/** What a client gets, in order, from its subscription on. */
export interface Inbox {
  readonly messages: readonly Received[];
  /** The first message for which `wanted` holds, got before or after the call. */
  got(wanted: (message: Received) => boolean): Promise<Received>;
  /** Resolves when there are `count` messages. */
  reached(count: number): Promise<void>;
}

/** Subscribes at QoS 1 and collects. */
export const openInbox = (client: MqttClient, ...filters: readonly string[]): Promise<Inbox> =>
  collect(client, filters, 1);

/** The same at QoS 0, for floods: above it the broker keeps at most a thousand messages for one client. */
export const openFloodInbox = (client: MqttClient, ...filters: readonly string[]): Promise<Inbox> =>
  collect(client, filters, 0);

async function collect(client: MqttClient, filters: readonly string[], qos: 0 | 1): Promise<Inbox> {
  const messages: Received[] = [];
  const watchers = new Set<(message: Received) => void>();
  client.on("message", (topic, payload, { retain }) => {
    const message = { topic, payload, retain };
    messages.push(message);
    for (const look of watchers) look(message);
  });
  await client.subscribeAsync([...filters], { qos });
  return {
    messages,
    got: (wanted) =>
      new Promise((resolve) => {
        const found = messages.find(wanted);
        if (found) return resolve(found);
        const look = (message: Received): void => {
          if (!wanted(message)) return;
          watchers.delete(look);
          resolve(message);
        };
        watchers.add(look);
      }),
    reached: (count) =>
      new Promise((resolve) => {
        if (messages.length >= count) return resolve();
        const look = (): void => {
          if (messages.length < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
      }),
  };
}

/** A message's payload as JSON. */
export const json = ({ payload }: Received): Record<string, unknown> =>
  JSON.parse(payload.toString()) as Record<string, unknown>;
