import { join, relative } from "node:path";
import type { ClientConnection } from "./client-connection";
import type { Output } from "./output";

/**
 * Shows how to connect: where the bundles are, and commands that can be pasted.
 * @param clients folder of the bundles
 * @param shown two of the site's clients: a reader, and one whose messages it reads
 */
export function readyScreen(
  output: Output,
  clients: string,
  shown:
    | {
        readonly reader: ClientConnection;
        readonly filter: string;
        readonly writer: ClientConnection;
        readonly topic: string;
      }
    | undefined,
): void {
  const { bold, cyan, dim } = output.colours;
  const folder = relative(process.cwd(), clients) || clients;
  const near = folder.startsWith("..") ? clients : folder;
  output.text();
  output.text(`  ${bold("Connect")}  one folder a client in ${cyan(`${near}/`)}`);
  output.text(`  ${dim("key.pem, cert.pem, ca.pem, password, mqtt.json, README.md, subscribe, publish")}`);
  if (!shown) return;
  const { reader, filter, writer, topic } = shown;
  output.text();
  output.text(`  ${dim("# with mosquitto's tools; the scripts read the password from a file")}`);
  output.text(`  ${join(near, reader.clientId, "subscribe")} -v -t '${filter}'`);
  output.text(`  ${join(near, writer.clientId, "publish")} -t '${topic}' -m 'hello'`);
}
