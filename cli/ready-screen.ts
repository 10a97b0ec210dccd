import { join } from "node:path";
import type { Site } from "../policy/site";
import type { BrokerAddress } from "./client-connection";
import type { LocalFolders } from "./local-folders";
import { nearPath } from "./near-path";
import type { Output } from "./output";

/** Says that the site is up, and where everything is. */
export function readyScreen(site: Site, folders: LocalFolders, address: BrokerAddress, output: Output): void {
  const { bold, cyan, green } = output.colours;
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
  const line = (label: string, value: string): void => output.text(`  ${label.padEnd(22)}${cyan(value)}`);
  output.text();
  output.text(`  ${green("●")} ${bold(site.name)} is up on this machine`);
  output.text();
  line("MQTT over TLS", url);
  line("MQTT over WebSockets", webSocketUrl);
  line("Clients' bundles", `${nearPath(folders.clients)}/<name>/`);
  line("Broker's log", nearPath(folders.log));
}
