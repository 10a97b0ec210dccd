import { join } from "node:path";
import { createKeyAndRequest } from "../ca/csr";
import { enrol } from "../ca/enrol";
import { secretName } from "../policy/deployment";
import type { Identity, Site } from "../policy/site";
import type { Vault } from "../vault/vault";
import { parseServerCertificate } from "../ca/server-certificate-fault";
import { refreshConnection, writeClientBundle } from "./client-bundle";
import type { BrokerAddress } from "./client-connection";
import { clientConnection } from "./client-connection";
import { isBundleValid } from "./is-bundle-valid";
import { readActiveRecords } from "./read-active-records";

/** Identities enrolled at once; each batch rewrites the shards it touches. */
const BATCH = 500;

export interface EnrolLocallyProps {
  readonly site: Site;
  readonly vault: Vault;
  /** Folder of the bundles. */
  readonly clients: string;
  readonly address: BrokerAddress;
  /** Ends the work before the next batch; a batch is whole or not at all. */
  readonly signal: AbortSignal;
  readonly report: (progress: string) => void;
}

/**
 * Gives every identity of the site a bundle. Who has one that the broker would accept keeps its credentials, so that
 * clients configured at an earlier start go on working; only the address is written anew.
 * @returns how many were enrolled now
 */
export async function enrolLocally({
  site,
  vault,
  clients,
  address,
  signal,
  report,
}: EnrolLocallyProps): Promise<number> {
  const secret = secretName.serverCertificate(site.name);
  const { trust } = parseServerCertificate(secret, (await vault.read(secret))?.value ?? "");
  const records = await readActiveRecords(vault, site.name);

  const missing: Identity[] = [];
  for (const identity of site.identities) {
    const connection = clientConnection(site, identity, address);
    const folder = join(clients, identity.name);
    if (await isBundleValid(folder, connection, records.get(identity.name), trust))
      await refreshConnection(folder, connection);
    else missing.push(identity);
  }
  for (let done = 0; done < missing.length; done += BATCH) {
    signal.throwIfAborted();
    if (missing.length > BATCH) report(`${done} of ${missing.length}`);
    await enrolBatch(site, vault, missing.slice(done, done + BATCH), clients, address);
  }
  return missing.length;
}

async function enrolBatch(
  site: Site,
  vault: Vault,
  batch: readonly Identity[],
  clients: string,
  address: BrokerAddress,
): Promise<void> {
  const requests = await Promise.all(
    batch.map(async ({ name, certificate }) =>
      certificate === "required" ? { name, ...(await createKeyAndRequest(name)) } : { name },
    ),
  );
  const result = await enrol(vault, {
    site: site.name,
    // The key stays here, as it would on a device.
    identities: requests.map((request) => ("csr" in request ? { name: request.name, csr: request.csr } : request)),
  });
  for (const [index, identity] of batch.entries()) {
    const request = requests[index]!;
    const credentials = {
      ...result.identities[index]!,
      trust: result.trust,
      ...("key" in request && { key: request.key }),
    };
    await writeClientBundle(join(clients, identity.name), credentials, clientConnection(site, identity, address));
  }
}
