import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type MqttClient } from "mqtt";
import type { ClientConnection } from "../client-connection";
import { CommandError } from "../command-error";

/** How long the broker may take to let the first connection in, ms. */
const FIRST_MS = 30_000;

/**
 * Connects as the enterprise client whose bundle `dmz enrol` wrote, under a ClientId of its own, and stays connected: after
 * each loss it comes back by itself.
 * @throws CommandError if the folder is no such bundle, or the broker refuses it or is not there
 */
export async function connectBundle(folder: string): Promise<MqttClient> {
  const wrong = (why: string): CommandError =>
    new CommandError(`${folder}: ${why}`, "name the folder that 'dmz enrol' wrote for the client, with --as");
  const read = (file: string): Promise<string> =>
    readFile(join(folder, file), "utf8").catch((error: NodeJS.ErrnoException) => {
      throw wrong(`${file} cannot be read (${error.code})`);
    });
  let connection: ClientConnection;
  try {
    connection = JSON.parse(await read("mqtt.json")) as ClientConnection;
  } catch (error) {
    throw error instanceof CommandError ? error : wrong("mqtt.json is no JSON");
  }
  const { files, kind, url, clientId, username } = connection;
  if (kind !== "enterprise") throw wrong(`'${clientId}' is no enterprise client`);
  const client = connect(url, {
    ca: await read(files.ca),
    ...(files.certificate && files.key && { cert: await read(files.certificate), key: await read(files.key) }),
    clientId: `${clientId}~${randomBytes(4).toString("hex")}`,
    username,
    password: (await read(files.password)).trim(),
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 2_000,
    resubscribe: false,
  });
  return new Promise((resolve, reject) => {
    const refuse = (why: string): void => {
      client.end(true);
      reject(new CommandError(`${url}: ${why}`, `is the broker there, and is '${clientId}' enrolled?`));
    };
    const timer = setTimeout(() => refuse("no answer"), FIRST_MS);
    const failed = (error: Error): void => {
      clearTimeout(timer);
      refuse(error.message);
    };
    client.once("error", failed);
    client.once("connect", () => {
      clearTimeout(timer);
      client.off("error", failed);
      // From now on it tries again by itself; an error without a listener would end the process.
      client.on("error", () => undefined);
      resolve(client);
    });
  });
}
