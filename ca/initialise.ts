import { X509Certificate } from "node:crypto";

import type { ManifestEntry } from "../policy/credentials";
import { secretName, type ServerCertificateSecret } from "../policy/deployment";
import { showValue } from "../policy/show-value";
import { parseCredentialShard } from "../vault/parse-credential-shard";
import { sha256Hex } from "../vault/sha256-hex";
import type { Vault } from "../vault/vault";
import { type Authority, openAuthority } from "./authority";
import { createCertificateAuthority } from "./certificate-authority";
import { renderCredentialShard } from "./credential-shards";
import { issueServerCertificate } from "./issue-server";
import { type Log, silent } from "./log";
import { moveManifest } from "./move-manifest";
import { RefusedRequest } from "./refused-request";
import { parseServerCertificate, serverCertificateFault } from "./server-certificate-fault";
import { serverNameFaults, type ServerNames } from "./server-names";

export interface InitialiseProps extends ServerNames {
  readonly site: string;
  /** Number of credential shards the site declares; it may grow, never shrink. */
  readonly credentialShards: number;
  /** @default the present */
  readonly now?: Date;
  readonly log?: Log;
}

/** What may be known to everybody: it lands in the Terraform state. */
export interface InitialiseResult {
  /** SHA-256 fingerprint of the CA certificate, `AB:CD:...`. */
  readonly certificateAuthority: string;
  /** SHA-256 fingerprint of the server certificate. */
  readonly serverCertificate: string;
  /** End of the server certificate, ISO 8601 UTC. */
  readonly notAfter: string;
  /** What this run created or replaced; empty when all was there. */
  readonly changed: readonly string[];
}

/**
 * Gives a site its CA, its server certificate, its empty credential shards and the manifest that activates them.
 * Idempotent: what exists stays, a CA always. The server certificate alone is issued anew, from the existing CA, when
 * it would not serve (other names, expired, another CA's).
 * @throws RefusedRequest with every fault of the names and the count, before anything is written.
 */
export const initialise = async (vault: Vault, props: InitialiseProps): Promise<InitialiseResult> => {
  const { site, credentialShards, now = new Date(), log = silent } = props;
  const faults = serverNameFaults(props);
  if (!Number.isSafeInteger(credentialShards) || credentialShards < 1) {
    faults.push(`credentialShards: must be a whole number from 1, got ${showValue(credentialShards)}`);
  }
  if (faults.length > 0) throw new RefusedRequest("initialise", faults);

  const changed: string[] = [];
  const authority = await foundAuthority(vault, site, now, changed, log);
  const server = await foundServerCertificate(vault, authority, props, now, changed, log);
  await foundShards(vault, site, credentialShards, now, changed, log);

  const certificate = new X509Certificate(server.certificate);
  return {
    certificateAuthority: new X509Certificate(authority.trust[0]!).fingerprint256,
    serverCertificate: certificate.fingerprint256,
    notAfter: new Date(certificate.validTo).toISOString(),
    changed,
  };
};

const foundAuthority = async (
  vault: Vault,
  site: string,
  now: Date,
  changed: string[],
  log: Log,
): Promise<Authority> => {
  const secret = secretName.certificateAuthority(site);
  const existing = await vault.read(secret);
  if (existing !== undefined) return openAuthority(secret, existing.value);
  const ours = JSON.stringify(await createCertificateAuthority(site, now));
  const { value } = await vault.create(secret, ours);
  if (value === ours) {
    changed.push("certificate-authority");
    log("certificate authority created", { secret });
  } else {
    log("certificate authority was created by somebody else at the same time; using theirs", { secret });
  }
  return openAuthority(secret, value);
};

const foundServerCertificate = async (
  vault: Vault,
  authority: Authority,
  { site, dns, ip }: InitialiseProps,
  now: Date,
  changed: string[],
  log: Log,
): Promise<ServerCertificateSecret> => {
  const secret = secretName.serverCertificate(site);
  const existing = await vault.read(secret);
  let reason = "there is none yet";
  if (existing !== undefined) {
    const content = parseServerCertificate(secret, existing.value);
    const fault = serverCertificateFault(content, authority, { dns, ip }, now);
    if (fault === undefined) return content;
    reason = fault;
  }
  const issued = await issueServerCertificate(authority, site, { dns, ip }, now);
  const ours = JSON.stringify(issued);
  if (existing === undefined) {
    const { value } = await vault.create(secret, ours);
    if (value !== ours) return parseServerCertificate(secret, value);
  } else {
    await vault.write(secret, ours);
  }
  changed.push("server-certificate");
  log("server certificate issued", { secret, reason });
  return issued;
};

/** Adds what the manifest lacks. Shards that have a value but no place in a manifest are adopted, never emptied: after the
 * loss of the table they hold the site's records. */
const foundShards = async (
  vault: Vault,
  site: string,
  count: number,
  now: Date,
  changed: string[],
  log: Log,
): Promise<void> => {
  const foundShard = async (shard: number): Promise<ManifestEntry> => {
    const secret = secretName.shard(site, "credentials", shard);
    const empty = renderCredentialShard(site, shard, new Map());
    const { value, versionId } = await vault.create(secret, empty);
    const records = parseCredentialShard(value, site, shard).size;
    log("credential shard ready", { secret, records });
    return { versionId, sha256: sha256Hex(value) };
  };
  let before = 0;
  const manifest = await moveManifest(vault, "credentials", now, async (active) => {
    const present = active?.shards ?? [];
    before = present.length;
    if (present.length > count) {
      throw new RefusedRequest("initialise", [
        `credentialShards: must not shrink below ${present.length}, got ${count}; set the site's 'capacity' back`,
      ]);
    }
    if (present.length === count) return undefined;
    const added = Array.from({ length: count - present.length }, (_, i) => foundShard(present.length + i));
    return [...present, ...(await Promise.all(added))];
  });
  if (before === count) return;
  for (let shard = before; shard < count; shard++) changed.push(`credentials/${shard}`);
  changed.push("manifest/credentials");
  log("credential shards activated", { shards: count, sequence: manifest?.sequence ?? 0 });
};
