import type { MqttClient } from "mqtt";

/** How long a message that must come may take, ms. */
const PATIENCE = 5_000;

/** What a client has received, in order, and what comes next. */
export interface Inbox {
  /** The next message on `topic` whose text satisfies `wanted`; everything before it on that topic is in `skipped`. */
  next(topic: string, wanted: (text: string) => boolean): Promise<{ text: string; skipped: readonly string[] }>;
}

/** Listens to all that `client` receives from now on. */
export function inbox(client: MqttClient): Inbox {
  return {
    next: (topic, wanted) =>
      new Promise((resolve, reject) => {
        const skipped: string[] = [];
        const done = (): void => {
          clearTimeout(timer);
          client.off("message", listen);
        };
        const listen = (from: string, payload: Buffer): void => {
          if (from !== topic) return;
          const text = payload.toString();
          if (!wanted(text)) return void skipped.push(text);
          done();
          resolve({ text, skipped });
        };
        const timer = setTimeout(() => {
          done();
          reject(new Error(`nothing arrived on ${topic} within ${PATIENCE / 1000} s`));
        }, PATIENCE);
        client.on("message", listen);
      }),
  };
}
