import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { IClientOptions, MqttClient } from "mqtt";
import type { Identity } from "../../policy/site";
import { connectOnce } from "./connect-once";

/** The running site as the players find it: their bundles and their open connections. */
export interface Stage {
  readonly url: string;
  /** What `name` connects with, read from its bundle as any client would. */
  optionsOf(name: string): IClientOptions;
  /** Connects, and keeps the connection under the user name until the demo ends. */
  connect(options: IClientOptions): Promise<MqttClient>;
  /** The open connection of `name`; connects again if it is gone. */
  clientOf(name: string): Promise<MqttClient>;
  /** Whether the connection it has is still open; does not connect. */
  isConnected(name: string): boolean;
  close(): Promise<void>;
}

/** @param clients folder that holds one bundle a player */
export async function openStage(url: string, clients: string, players: readonly Identity[]): Promise<Stage> {
  const options = new Map<string, IClientOptions>();
  for (const { name, kind } of players) {
    const file = (path: string): Promise<Buffer> => readFile(join(clients, name, path));
    options.set(name, {
      // An enterprise client may have many sessions, told apart by a suffix.
      clientId: kind === "enterprise" ? `${name}~demo` : name,
      username: name,
      password: await file("password"),
      ca: await file("ca.pem"),
      cert: await file("cert.pem"),
      key: await file("key.pem"),
    });
  }
  const open = new Map<string, MqttClient>();
  const stage: Stage = {
    url,
    optionsOf: (name) => options.get(name) ?? {},
    connect: async (chosen) => {
      const client = await connectOnce(url, chosen);
      open.set(String(chosen.username), client);
      return client;
    },
    clientOf: async (name) => {
      const client = open.get(name);
      return client?.connected ? client : stage.connect(stage.optionsOf(name));
    },
    isConnected: (name) => Boolean(open.get(name)?.connected),
    close: async () => {
      await Promise.all([...open.values()].map((client) => client.endAsync(true)));
    },
  };
  return stage;
}
