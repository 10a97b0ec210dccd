import { readFileSync } from "node:fs";
import { join } from "node:path";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { ClientConnection } from "../../cli/client-connection";

/** Connects as a user's program would: with nothing but the files of the bundle. @throws what the broker answers */
export async function connectWithBundle(
  folder: string,
  over: "url" | "webSocketUrl" = "url",
  changes: IClientOptions = {},
): Promise<MqttClient> {
  const read = (file: string): Buffer => readFileSync(join(folder, file));
  const connection = JSON.parse(read("mqtt.json").toString()) as ClientConnection;
  const { files, clientId, username } = connection;
  return mqtt.connectAsync(
    connection[over],
    {
      clientId,
      username,
      password: read(files.password),
      ca: read(files.ca),
      ...(files.certificate && files.key && { cert: read(files.certificate), key: read(files.key) }),
      reconnectPeriod: 0,
      ...changes,
    },
    false,
  );
}
