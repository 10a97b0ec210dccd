import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { readConfig } from "../broker/src/config";
import { FileLease } from "../broker/src/file-lease";
import { createLogger } from "../broker/src/logger";
import { startBroker } from "../broker/src/start-broker";
import { BROKER_ENV } from "../policy/deployment";
import type { Vault } from "../vault/vault";
import type { BrokerAddress } from "./client-connection";
import { LOCAL } from "./local-address";
import type { RunLocalSiteProps } from "./run-local-site";

/** The site's broker in this process. */
export interface LocalBroker {
  /** Where it listens. */
  readonly address: BrokerAddress;
  /** Ends the connections, gives the lease back, releases the ports. */
  close(): Promise<void>;
}

export interface StartLocalBrokerProps extends RunLocalSiteProps {
  readonly vault: Vault;
  /** Its lock file. @default beside the vault's files, so that a site has one */
  readonly lock?: string;
}

/** Starts the broker that the container runs, configured as by its environment, with its log in a file. */
export async function startLocalBroker(props: StartLocalBrokerProps): Promise<LocalBroker> {
  const { site, folders, address, vault, signal, lock } = props;
  const config = readConfig({
    [BROKER_ENV.site]: site.name,
    [BROKER_ENV.source]: `directory:${folders.vault}`,
    [BROKER_ENV.mqttPort]: String(address.mqttPort),
    [BROKER_ENV.httpsPort]: String(address.httpsPort),
    [BROKER_ENV.listenAddress]: LOCAL.address,
    [BROKER_ENV.store]: folders.store,
  });
  const file = createWriteStream(folders.log, { flags: "a", mode: 0o600 });
  await once(file, "open");
  const log = createLogger(config.logLevel, site.name, file);
  const lease = lock === undefined ? undefined : new FileLease(lock, log);
  const broker = await startBroker(config, { vault, signal, log, ...(lease && { lease }) });
  await broker.whenActive();
  const { mqtt: mqttPort, https: httpsPort } = broker.ports;
  return {
    address: { ...address, mqttPort, httpsPort },
    close: async () => {
      await broker.close();
      file.end();
      await finished(file);
    },
  };
}
