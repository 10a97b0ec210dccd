import { rm } from "node:fs/promises";
import { join } from "node:path";
import { directoryVault } from "../../vault/directory";
import { LOCAL } from "../local-address";
import type { RunLocalSiteProps } from "../run-local-site";
import { type LocalBroker, startLocalBroker } from "../start-local-broker";

/**
 * A second broker of the same site for the demo: the same CA, credentials, access document and log, on free ports and an
 * empty store. The devices that it plays have one ClientId each: at the broker that the user's own clients use, they would
 * take over connections, end persistent sessions, and put messages into queues.
 */
export async function startDemoBroker(props: Omit<RunLocalSiteProps, "address">): Promise<LocalBroker> {
  const { demoStore } = props.folders;
  // An earlier demo may have been killed.
  const forget = (): Promise<void> => rm(demoStore, { recursive: true, force: true });
  await forget();
  const broker = await startLocalBroker({
    ...props,
    vault: directoryVault(props.folders.vault),
    folders: { ...props.folders, store: join(demoStore, "store") },
    address: { host: LOCAL.host, mqttPort: 0, httpsPort: 0 },
    lock: join(demoStore, "broker.lock"),
  });
  return {
    ...broker,
    close: async () => {
      await broker.close();
      await forget();
    },
  };
}
