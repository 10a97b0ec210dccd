import { readFileSync } from "node:fs";
import { join } from "node:path";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { ClientConnection } from "../../cli/client-connection";

/** A client that connects as a user's program would: with nothing but the files of the bundle. */
export function bundleClient(
  folder: string,
  over: "url" | "webSocketUrl" = "url",
  changes: IClientOptions = {},
): MqttClient {
  const read = (file: string): Buffer => readFileSync(join(folder, file));
  const connection = JSON.parse(read("mqtt.json").toString()) as ClientConnection;
  const { files, clientId, username } = connection;
  return mqtt.connect(connection[over], {
    clientId,
    username,
    password: read(files.password),
    ca: read(files.ca),
    ...(files.certificate && files.key && { cert: read(files.certificate), key: read(files.key) }),
    reconnectPeriod: 0,
    ...changes,
  });
}

/** Connects with the bundle. @throws what the broker answers */
export function connectWithBundle(...how: Parameters<typeof bundleClient>): Promise<MqttClient> {
  const client = bundleClient(...how);
  return new Promise((resolve, reject) => {
    client.once("connect", () => resolve(client));
    client.once("error", (error) => {
      client.end(true);
      reject(error);
    });
  });
}
