import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientConnection } from "../client-connection";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { isBundleFile } from "./is-bundle-file";

/**
 * How the device connects whose enrolment bundle lies in a folder.
 * @throws CommandError unless it is an edge device's, with every file that it names
 */
export async function readDeviceBundle(bundle: string): Promise<ClientConnection> {
  const wrong = (why: string) =>
    new CommandError(`${bundle}: ${why}`, "name the folder that 'dmz enrol' wrote for the device", EXIT.usage);
  const text = await readFile(join(bundle, "mqtt.json"), "utf8").catch(() => {
    throw wrong("is no enrolment bundle, it has no mqtt.json");
  });
  let connection: ClientConnection | null;
  try {
    connection = JSON.parse(text) as ClientConnection | null;
  } catch {
    throw wrong("mqtt.json is no JSON");
  }
  if (typeof connection !== "object" || connection === null) throw wrong("mqtt.json must be a JSON object");
  if (connection.kind !== "edge") throw wrong(`'${connection.clientId}' is no edge device`);
  const files = Object(connection.files) as Partial<ClientConnection["files"]>;
  if (files.password === undefined || files.ca === undefined)
    throw wrong("mqtt.json: 'files' must name the bundle's password and ca");
  const odd = Object.values(files).find((file) => !isBundleFile(file));
  if (odd !== undefined) throw wrong(`mqtt.json: '${String(odd)}' in 'files' is no file that goes onto the device`);
  for (const file of Object.values(files))
    await readFile(join(bundle, file)).catch(() => {
      throw wrong(`has no ${file}`);
    });
  return connection;
}
