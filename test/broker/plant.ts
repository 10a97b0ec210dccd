import { activate } from "../../ca/activate";
import { openAuthority, type Authority } from "../../ca/authority";
import { createCertificateAuthority } from "../../ca/certificate-authority";
import { createKeyAndRequest } from "../../ca/csr";
import { acceptRequest } from "../../ca/accept-request";
import { enrol } from "../../ca/enrol";
import { initialise } from "../../ca/initialise";
import { readActiveShard, renderCredentialShard, writeShard } from "../../ca/credential-shards";
import { installAccessDocument } from "../../ca/local-site";
import { moveManifest } from "../../ca/move-manifest";
import { signLeaf } from "../../ca/sign-leaf";
import { defineSite } from "../../policy/define-site";
import { secretName } from "../../policy/deployment";
import { operator } from "../../policy/roles/operator";
import { raw } from "../../policy/roles/raw";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { consumer } from "../../policy/roles/consumer";
import { shardOf } from "../../policy/shard";
import type { CredentialRecord } from "../../policy/credentials";
import type { IdentityDeclaration, Site } from "../../policy/site";
import { NOT_PUSHED } from "../../policy/not-pushed";
import { MemoryVault } from "./memory-vault";

export const SITE = "plant";

/** What a client holds. */
export interface Bundle {
  readonly name: string;
  readonly password: string;
  readonly key?: string;
  readonly certificate?: string;
}

/** A small site with its CA and every identity enrolled, in memory. */
export interface Plant {
  readonly vault: MemoryVault;
  /** PEM of the site CA. */
  readonly ca: string[];
  /** By identity name. */
  readonly bundles: Readonly<Record<string, Bundle>>;
  readonly authority: Authority;
}

const device = telemetryDevice({ area: "line" });
const scadaGrants = {
  name: "scada",
  publish: ["plant/line/+/cmd/#", "plant/scada/status"],
  subscribe: ["plant/line/#"],
};

/** Two gateways, a SCADA host that commands them, a historian without a certificate, an operator. */
export const plantSite = (
  changes: { readonly edge?: readonly IdentityDeclaration[]; readonly scada?: Partial<typeof scadaGrants> } = {},
): Site =>
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
    edge: changes.edge ?? [
      { name: "gw-1", role: device },
      { name: "gw-2", role: device },
    ],
    enterprise: [
      { name: "scada", role: raw({ ...scadaGrants, ...changes.scada }) },
      { name: "historian", role: consumer({ areas: ["line"] }), certificate: "password-only" },
      { name: "operator", role: operator() },
    ],
  });

export async function createPlant(): Promise<Plant> {
  const vault = new MemoryVault();
  const site = plantSite();
  await initialise(vault, { site: SITE, dns: ["localhost"], ip: ["127.0.0.1"], credentialShards: 2 });
  await installAccessDocument(vault, site);
  const requests = await Promise.all(
    site.identities.map(async ({ name, certificate }) => ({
      name,
      ...(certificate === "required" ? await createKeyAndRequest(name) : { key: undefined, csr: undefined }),
    })),
  );
  const enrolled = await enrol(vault, { site: SITE, identities: requests.map(({ name, csr }) => ({ name, csr })) });
  const bundles = Object.fromEntries(
    enrolled.identities.map((identity, i) => [identity.name, { ...identity, key: requests[i]?.key }]),
  );
  const secret = secretName.certificateAuthority(SITE);
  const authority = await openAuthority(secret, (await vault.read(secret))!.value);
  return { vault, ca: [...enrolled.trust], bundles, authority };
}

/** Writes other grants or identities, as `cdktf deploy` would. */
export const applySite = (vault: MemoryVault, site: Site): ReturnType<typeof activate> =>
  installAccessDocument(vault, site);

/** Changes one identity's credential record and activates it, as revocation does; undefined removes it. */
export async function changeRecord(
  vault: MemoryVault,
  name: string,
  change: (record: CredentialRecord) => CredentialRecord | undefined,
): Promise<void> {
  await moveManifest(vault, "credentials", new Date(), async (active) => {
    const shard = shardOf(name, active!.shards.length);
    const records = await readActiveShard(vault, SITE, active!, shard);
    const next = change(records.get(name)!);
    if (next) records.set(name, next);
    else records.delete(name);
    const entry = await writeShard(vault, SITE, shard, renderCredentialShard(SITE, shard, records));
    return active!.shards.map((present, i) => (i === shard ? entry : present));
  });
}

/** A CA that the site does not know. */
export async function strangeAuthority(): Promise<Authority> {
  return openAuthority("strange", JSON.stringify(await createCertificateAuthority("strange", new Date())));
}

/** A key and a certificate for any name, from any CA, for any purpose and time. */
export async function certify(
  authority: Authority,
  name: string,
  changes: { readonly notBefore?: Date; readonly notAfter?: Date; readonly usage?: "clientAuth" | "serverAuth" } = {},
): Promise<{ key: string; certificate: string }> {
  const { key, csr } = await createKeyAndRequest(name);
  const leaf = {
    commonName: name,
    publicKey: await acceptRequest(csr),
    usage: changes.usage ?? "clientAuth",
    notBefore: changes.notBefore ?? new Date(Date.now() - 300_000),
    notAfter: changes.notAfter ?? new Date(Date.now() + 86_400_000),
  };
  return { key, certificate: await signLeaf(authority, leaf) };
}
