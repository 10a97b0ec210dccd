import { initialise } from "../ca/initialise";
import { installAccessDocument } from "../ca/local-site";
import { shardCount } from "../policy/deployment";
import type { Site } from "../policy/site";
import { directoryVault } from "../vault/directory";
import type { BrokerAddress } from "./client-connection";
import { enrolLocally } from "./enrol-locally";
import { LOCAL } from "./local-address";
import type { LocalFolders } from "./local-folders";
import type { Output } from "./output";
import { runSteps } from "./run-steps";
import { type LocalBroker, startLocalBroker } from "./start-local-broker";

export interface RunLocalSiteProps {
  readonly site: Site;
  readonly folders: LocalFolders;
  readonly address: BrokerAddress;
  /** Ends the work before its next step. */
  readonly signal: AbortSignal;
}

/**
 * Does for a site on this machine what `cdktf deploy` and `dmz enrol` do in the cloud, with the same code: CA, access
 * document, enrolment, broker. What exists from an earlier start stays.
 */
export async function runLocalSite(props: RunLocalSiteProps, output: Output): Promise<LocalBroker> {
  const { site, folders, address, signal } = props;
  const vault = directoryVault(folders.vault);
  let broker: LocalBroker | undefined;
  await runSteps(
    [
      {
        title: "Certificate authority",
        run: async () => {
          const { changed } = await initialise(vault, {
            site: site.name,
            // Besides the name it will have once deployed.
            dns: [site.host, LOCAL.host],
            ip: [LOCAL.address],
            credentialShards: shardCount(site.capacity).credentials,
          });
          return changed.includes("certificate-authority") ? "created" : "as before";
        },
      },
      {
        title: "Access document",
        run: async () => {
          await installAccessDocument(vault, site);
          return `${site.identities.length} identities`;
        },
      },
      {
        title: "Credentials and bundles",
        run: async (report) => {
          const enrolled = await enrolLocally({ site, vault, clients: folders.clients, address, signal, report });
          const kept = site.identities.length - enrolled;
          return [enrolled > 0 ? `${enrolled} enrolled` : "", kept > 0 ? `${kept} kept` : ""]
            .filter(Boolean)
            .join(", ");
        },
      },
      {
        title: "Broker",
        run: async () => {
          broker = await startLocalBroker({ ...props, vault });
          return `ports ${address.mqttPort} and ${address.httpsPort}`;
        },
      },
    ],
    output,
    signal,
  );
  return broker!;
}
