import { createKeyAndRequest } from "../../ca/csr";
import { openAuthority } from "../../ca/authority";
import { enrol } from "../../ca/enrol";
import { initialise } from "../../ca/initialise";
import { installAccessDocument } from "../../ca/local-site";
import { writeClientBundle } from "../../cli/client-bundle";
import { type ClientConnection, clientConnection } from "../../cli/client-connection";
import { defineSite } from "../../policy/define-site";
import { secretName } from "../../policy/deployment";
import { NOT_PUSHED } from "../../policy/not-pushed";
import { operator } from "../../policy/roles/operator";
import { raw } from "../../policy/roles/raw";
import { sparkplugEdgeNode } from "../../policy/roles/sparkplug-edge-node";
import { sparkplugHost } from "../../policy/roles/sparkplug-host";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { updater } from "../../policy/roles/updater";
import type { Site } from "../../policy/site";
import { MemoryVault } from "../broker/memory-vault";
import { type Plant, SITE } from "../broker/plant";

/**
 * Plain devices, Sparkplug nodes with and without a primary host, who commands them, and who sees everything.
 * @param only names of its devices @default all
 */
export const edgeSite = (only?: readonly string[]): Site =>
  defineSite({
    name: SITE,
    host: "localhost.example",
    aws: {
      account: "123456789012",
      region: "eu-central-1",
      zones: ["eu-central-1a", "eu-central-1b"],
      deployerRole: "arn:aws:iam::123456789012:role/deployer",
    },
    broker: { image: NOT_PUSHED },
    edge: [
      { name: "gw-1", role: telemetryDevice({ area: "line" }) },
      { name: "gw-2", role: telemetryDevice({ area: "line" }) },
      { name: "node-1", role: sparkplugEdgeNode({ group: "line1" }) },
      { name: "node-2", role: sparkplugEdgeNode({ group: "line1", primaryHost: "scada" }) },
    ].filter(({ name }) => only?.includes(name) ?? true),
    enterprise: [
      { name: "scada", role: sparkplugHost({ groups: ["line1"] }) },
      {
        name: "master",
        role: raw({ name: "master", publish: [`${SITE}/line/+/cmd/#`], subscribe: [`${SITE}/line/#`] }),
      },
      { name: "operator", role: operator() },
      { name: "updates", role: updater({ areas: ["line"], groups: ["line1"] }) },
    ],
  });

export interface EdgePlant extends Plant {
  readonly site: Site;
  /** Writes a device's bundle as `dmz enrol` does, for a broker on this machine; `changes` to what `mqtt.json` says. */
  writeBundle(
    name: string,
    folder: string,
    ports: { readonly mqtt: number; readonly https: number },
    changes?: (connection: ClientConnection) => ClientConnection,
  ): Promise<void>;
}

/** A site with its CA, in memory, and every identity enrolled. */
export async function createEdgePlant(): Promise<EdgePlant> {
  const vault = new MemoryVault();
  const site = edgeSite();
  await initialise(vault, { site: SITE, dns: ["localhost"], ip: ["127.0.0.1"], credentialShards: 2 });
  await installAccessDocument(vault, site);
  const requests = await Promise.all(
    site.identities.map(async ({ name }) => ({ name, ...(await createKeyAndRequest(name)) })),
  );
  const enrolled = await enrol(vault, { site: SITE, identities: requests.map(({ name, csr }) => ({ name, csr })) });
  const bundles = Object.fromEntries(
    enrolled.identities.map((identity, i) => [identity.name, { ...identity, key: requests[i]!.key }]),
  );
  const secret = secretName.certificateAuthority(SITE);
  const authority = await openAuthority(secret, (await vault.read(secret))!.value);
  return {
    vault,
    site,
    ca: [...enrolled.trust],
    bundles,
    authority,
    writeBundle: async (name, folder, ports, changes = (connection) => connection) => {
      const identity = site.identities.find((each) => each.name === name)!;
      const address = { host: "localhost", mqttPort: ports.mqtt, httpsPort: ports.https };
      const credentials = { ...bundles[name]!, trust: enrolled.trust };
      await writeClientBundle(folder, credentials, changes(clientConnection(site, identity, address)));
    },
  };
}
