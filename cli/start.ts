import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { Site } from "../policy/site";
import { chooseSite } from "./choose-site";
import type { BrokerAddress } from "./client-connection";
import { connectScreen } from "./connect-screen";
import { CommandError } from "./command-error";
import type { Cast } from "./demo/cast";
import { findCast } from "./demo/cast";
import { EXIT } from "./exit-code";
import { lockFolder } from "./folder-lock";
import { interruption } from "./interruption";
import { LOCAL } from "./local-address";
import { localFolders } from "./local-folders";
import { makeFolder } from "./make-folder";
import { createOutput, type Output } from "./output";
import { requirePrivateFolder } from "./private-folder";
import { readSites } from "./read-sites";
import { readyScreen } from "./ready-screen";
import { requireOwnBundles } from "./require-own-bundles";
import { requireOwnStart } from "./require-own-start";
import { reservePort } from "./reserve-port";
import type { RunLocalSiteProps } from "./run-local-site";
import type { LocalBroker } from "./start-local-broker";

const load = createRequire(__filename);

export interface StartOptions {
  readonly dir?: string;
  readonly mqttPort: number;
  readonly httpsPort: number;
  readonly fresh?: boolean;
  readonly demo?: boolean;
  readonly exitAfterDemo?: boolean;
  readonly sites?: string;
  readonly json?: boolean;
}

/** `dmz start`: runs a site on this machine until Ctrl-C. */
export async function start(siteName: string | undefined, options: StartOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const { sites, folder } = readSites(options.sites, siteName);
  const site = chooseSite(siteName, sites, folder);
  const cast = findCast(site);
  const demo = options.demo || options.exitAfterDemo ? requireCast(site, cast) : undefined;
  requireDistinctPorts(options);

  const interrupted = interruption();
  const folders = localFolders(resolve(options.dir ?? join(".dmz", site.name, "local")));
  await makeFolder(folders.root);
  const { root, ...children } = folders;
  await requirePrivateFolder(root, Object.values(children));
  const unlock = await lockFolder(folders.root);
  let broker: LocalBroker | undefined;
  try {
    const address = await chooseAddress(options);
    await requireOwnBundles(folders.clients, { site: site.name, host: address.host });
    if (options.fresh) {
      await requireOwnStart(folders, site.name);
      await forget(folders);
    }
    // Loaded now: a mistake in the command line is answered without the broker's and the CA's code.
    const { runLocalSite } = load("./run-local-site") as typeof import("./run-local-site.js");
    broker = await runLocalSite({ site, folders, address, signal: interrupted.signal }, output);
    readyScreen(site, folders, address, output);
    if (demo && !(await showDemo({ site, folders, signal: interrupted.signal }, demo, output)))
      process.exitCode = EXIT.failed;
    if (!options.exitAfterDemo) {
      if (cast) connectScreen(site, folders, address, cast, output);
      output.text("\n  Running until Ctrl-C.");
      await interrupted.promise;
    }
  } catch (error) {
    // Being told to stop half way is no fault; what was written is whole, and the next start goes on from there.
    if (!interrupted.signal.aborted) throw error;
  } finally {
    await broker?.close();
    await unlock();
    interrupted.dispose();
  }
  output.event("stopped", { dir: folders.root });
  output.text(`\n  Stopped. The CA and the clients' bundles stay in ${folders.root}; the next start uses them again.`);
}

/** @returns whether everything came as the site declares */
async function showDemo(
  { site, folders, signal }: Omit<RunLocalSiteProps, "address">,
  cast: Cast,
  output: Output,
): Promise<boolean> {
  // Loaded when they are needed: the broker does without an MQTT client.
  const { startDemoBroker } = load("./demo/demo-broker") as typeof import("./demo/demo-broker.js");
  const { playDemo } = load("./demo/play-demo") as typeof import("./demo/play-demo.js");
  const broker = await startDemoBroker({ site, folders, signal });
  try {
    return await playDemo({ site, cast, address: broker.address, clients: folders.clients, signal }, output);
  } finally {
    await broker.close();
  }
}

/** Settles both ports before anything is created, so that a port in use leaves nothing behind. */
async function chooseAddress({ mqttPort, httpsPort }: StartOptions): Promise<BrokerAddress> {
  const mqtt = await reservePort(mqttPort, LOCAL.address, "--mqtt-port");
  try {
    const https = await reservePort(httpsPort, LOCAL.address, "--https-port");
    await https.release();
    return { host: LOCAL.host, mqttPort: mqtt.port, httpsPort: https.port };
  } finally {
    await mqtt.release();
  }
}

function requireCast(site: Site, cast: Cast | undefined): Cast {
  if (cast) return cast;
  throw new CommandError(
    `site '${site.name}': the demo needs two edge devices and an enterprise client that reads both, each with a certificate`,
    "declare them, or start without --demo",
    EXIT.usage,
  );
}

function requireDistinctPorts({ mqttPort, httpsPort }: StartOptions): void {
  if (mqttPort !== httpsPort || mqttPort === 0) return;
  throw new CommandError(`--mqtt-port and --https-port are both ${mqttPort}`, "give each its own", EXIT.usage);
}

/** Removes what earlier starts made, and nothing else that may be in the folder. */
async function forget({ vault, clients, store, log }: ReturnType<typeof localFolders>): Promise<void> {
  // The vault last: it is what says that the others are a start's.
  for (const path of [clients, store, log, vault]) await rm(path, { recursive: true, force: true });
}
