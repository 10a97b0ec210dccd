import { initialise } from "../../ca/initialise";
import { installAccessDocument } from "../../ca/local-site";
import { enrolLocally } from "../../cli/enrol-locally";
import { type LocalFolders, localFolders } from "../../cli/local-folders";
import { PORTS, shardCount } from "../../policy/deployment";
import { directoryVault } from "../../vault/directory";
import { BROKER_HOST, testSite } from "./test-site";

/** Makes the lab's site with its CA below `folder`, and a bundle for every identity. @returns where they are */
export async function enrolTestSite(folder: string): Promise<LocalFolders> {
  const folders = localFolders(folder);
  const vault = directoryVault(folders.vault);
  const { credentials } = shardCount(testSite.capacity);
  await initialise(vault, { site: testSite.name, dns: [BROKER_HOST], ip: [], credentialShards: credentials });
  await installAccessDocument(vault, testSite);
  await enrolLocally({
    site: testSite,
    vault,
    clients: folders.clients,
    address: { host: BROKER_HOST, mqttPort: PORTS.mqtt, httpsPort: PORTS.https },
    signal: new AbortController().signal,
    report: () => undefined,
  });
  return folders;
}
