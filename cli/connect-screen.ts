import { join } from "node:path";
import type { Site } from "../policy/site";
import { mqttJsSnippet } from "./bundle-texts";
import { type BrokerAddress, clientConnection } from "./client-connection";
import type { Cast } from "./demo/cast";
import type { LocalFolders } from "./local-folders";
import { nearPath } from "./near-path";
import type { Output } from "./output";
import { shellQuote } from "./shell-quote";

/** Most paths need no quotes, and are easier to read without. */
const word = (path: string): string => (/^[\w./-]+$/.test(path) ? path : shellQuote(path));

/** Shows how to connect, in commands that can be pasted, with two clients of the site that talk to each other. */
export function connectScreen(
  site: Site,
  folders: LocalFolders,
  address: BrokerAddress,
  cast: Cast,
  output: Output,
): void {
  const { bold, dim } = output.colours;
  const clients = nearPath(folders.clients);
  const [{ identity, telemetry }] = cast.edge;
  const host = join(clients, cast.host.name);
  // Broken where the terminal would break it, so that it can still be pasted.
  const command = (path: string, options: string): void => {
    const fits = path.length + options.length + 3 <= (process.stdout.columns || 80);
    output.text(fits ? `  ${path} ${options}` : `  ${path} \\\n      ${options}`);
  };
  output.text();
  output.text(`  ${bold("Connect")}  ${dim("with mosquitto's tools; the scripts take the password from a file")}`);
  output.text();
  const topic = shellQuote(telemetry);
  command(word(join(host, "subscribe")), `-v -t ${topic}`);
  command(word(join(clients, identity.name, "publish")), `-t ${topic} -m 'hello'`);
  output.text();
  output.text(`  ${bold("Connect")}  ${dim("with MQTT.js")}`);
  output.text();
  const snippet = mqttJsSnippet(clientConnection(site, cast.host, address), host);
  for (const line of snippet.split("\n")) output.text(line && `  ${line}`);
}
