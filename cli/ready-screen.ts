import { join, relative } from "node:path";
import type { Site } from "../policy/site";
import { mqttJsSnippet } from "./bundle-texts";
import { type BrokerAddress, clientConnection } from "./client-connection";
import type { Cast } from "./demo/cast";
import type { LocalFolders } from "./local-folders";
import type { Output } from "./output";

export interface ReadyScreenProps {
  readonly site: Site;
  readonly folders: LocalFolders;
  readonly address: BrokerAddress;
  /** Whose bundles the examples use; undefined when no two clients of the site talk to each other. */
  readonly cast: Cast | undefined;
  /** True when more follows on the screen. */
  readonly brief: boolean;
}

/** Says that the site is up, where it is, and how to connect, in commands that can be pasted. */
export function readyScreen({ site, folders, address, cast, brief }: ReadyScreenProps, output: Output): void {
  const { bold, cyan, dim, green } = output.colours;
  const url = `mqtts://${address.host}:${address.mqttPort}`;
  const webSocketUrl = `wss://${address.host}:${address.httpsPort}/mqtt`;
  output.event("ready", {
    site: site.name,
    ports: { mqtt: address.mqttPort, https: address.httpsPort },
    url,
    webSocketUrl,
    dir: folders.root,
    log: folders.log,
    clients: site.identities.map(({ name, kind }) => ({ name, kind, folder: join(folders.clients, name) })),
  });

  const clients = near(folders.clients);
  const line = (label: string, value: string): void => output.text(`  ${label.padEnd(22)}${cyan(value)}`);
  output.text();
  output.text(`  ${green("●")} ${bold(site.name)} is up on this machine`);
  output.text();
  line("MQTT over TLS", url);
  line("MQTT over WebSockets", webSocketUrl);
  line("Clients' bundles", `${clients}/<name>/`);
  line("Broker's log", near(folders.log));
  if (!cast) return;

  const [{ identity, telemetry }] = cast.edge;
  output.text();
  output.text(`  ${bold("Connect")} ${dim("(mosquitto's tools; the scripts take the password from a file)")}`);
  output.text();
  output.text(`  ${join(clients, cast.host.name, "subscribe")} -v -t '${telemetry}'`);
  output.text(`  ${join(clients, identity.name, "publish")} -t '${telemetry}' -m 'hello'`);
  if (brief) return;

  output.text();
  output.text(`  ${bold("Connect")} ${dim("(MQTT.js)")}`);
  output.text();
  const connection = clientConnection(site, cast.host, address);
  for (const text of mqttJsSnippet(connection, join(clients, cast.host.name)).split("\n"))
    output.text(text && `  ${text}`);
}

/** The path as one would type it here: relative, unless that climbs. */
function near(path: string): string {
  const here = relative(process.cwd(), path);
  return here === "" || here.startsWith("..") ? path : here;
}
