import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKeyAndRequest } from "../../ca/csr";
import { enrol } from "../../ca/enrol";
import { initialise } from "../../ca/initialise";
import { installAccessDocument } from "../../ca/local-site";
import { parseServerCertificate } from "../../ca/server-certificate-fault";
import { IDENTITY } from "../../policy/access-document";
import { secretName, type ServerCertificateSecret, shardCount } from "../../policy/deployment";
import type { Site } from "../../policy/site";
import { tenThousandDevices } from "../../test/sites/ten-thousand";
import { directoryVault } from "../../vault/directory";
import { atEnd } from "./clean-up";
import type { ClientIdentity, Plant } from "./plant";
import { SCENARIOS } from "./scenarios";

/** A whole site on this machine: 10,000 enrolled identities, of which those that the load needs have certificates. */
export interface BenchSite {
  readonly name: string;
  readonly folder: string;
  readonly vault: string;
  readonly server: ServerCertificateSecret;
  /** Every identity's. */
  readonly passwords: readonly (readonly [name: string, password: string])[];
  /** File with the `Plant`, for the generators. */
  readonly plant: string;
}

const PUBLISHERS = Math.max(...SCENARIOS.map(({ publishers }) => publishers));
/** Read everything, by 1 grant each; and the historian by 25, as a real plant's. */
const isReader = (name: string): boolean => name === "historian" || name.startsWith("operator-");

/**
 * Makes a site in a temporary folder that is removed at the end, with the code that the cloud and `dmz start` use.
 * @param count gateways that get a certificate. @default as many as the largest scenario needs
 */
export async function prepareSite(count = PUBLISHERS): Promise<BenchSite> {
  const folder = mkdtempSync(join(tmpdir(), "dmz-bench-broker-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const site = tenThousandDevices();
  const path = join(folder, "vault");
  const vault = directoryVault(path);
  const names = { dns: ["localhost"], ip: ["127.0.0.1"] };
  await initialise(vault, { site: site.name, ...names, credentialShards: shardCount(site.capacity).credentials });
  await installAccessDocument(vault, site);

  const publishing = publishers(site, count);
  const reading = site.identities.map(({ name }) => name).filter(isReader);
  const certified = new Set([...publishing.map(({ name }) => name), ...reading]);
  const keys = new Map<string, string>();
  const requests = await Promise.all(
    site.identities.map(async ({ name }) => {
      if (!certified.has(name)) return { name };
      const { key, csr } = await createKeyAndRequest(name);
      keys.set(name, key);
      return { name, csr };
    }),
  );
  const enrolled = await enrol(vault, { site: site.name, identities: requests });
  const byName = new Map(enrolled.identities.map((one) => [one.name, one]));
  const identity = (name: string): ClientIdentity => {
    const { password, certificate } = byName.get(name)!;
    return { name, password, certificate: certificate!, key: keys.get(name)! };
  };
  const plant: Plant = {
    trust: [...enrolled.trust],
    publishers: publishing.map(({ name, topic }) => ({ identity: identity(name), topic })),
    readers: reading.map(identity),
  };
  const plantFile = join(folder, "plant.json");
  writeFileSync(plantFile, JSON.stringify(plant), { mode: 0o600 });

  const secret = secretName.serverCertificate(site.name);
  const server = parseServerCertificate(secret, (await vault.read(secret))!.value);
  const passwords = enrolled.identities.map(({ name, password }) => [name, password] as const);
  return { name: site.name, folder, vault: path, server, passwords, plant: plantFile };
}

/** Sparkplug gateways with the topic of their data, four levels: `spBv1.0/<group>/NDATA/<name>`. */
function publishers(site: Site, count: number): { name: string; topic: string }[] {
  return site.identities
    .filter(({ role }) => role.template === "sparkplug-edge-node")
    .slice(0, count)
    .map(({ name, role }) => {
      const granted = role.grants.publish.find((filter) => filter.includes("/NDATA/"));
      return { name, topic: granted!.replace(IDENTITY, name) };
    });
}
