import type { CredentialRecord, CredentialShard, Manifest, ManifestEntry } from "../policy/credentials";
import { secretName } from "../policy/deployment";
import { parseCredentialShard } from "../vault/parse-credential-shard";
import { sha256Hex } from "../vault/sha256-hex";
import type { Vault } from "../vault/vault";

/** Secrets Manager's limit of one value (65,536 bytes). A shard must stay below it. */
export const SHARD_LIMIT_BYTES = 65_536;

/** @returns a shard's exact text: records in order of name, so that equal content has equal bytes. */
export const renderCredentialShard = (
  site: string,
  shard: number,
  records: ReadonlyMap<string, CredentialRecord>,
): string => {
  const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : 1));
  // fromEntries defines own properties, also for a name like `__proto__`.
  return JSON.stringify({ version: 1, site, shard, records: Object.fromEntries(sorted) } satisfies CredentialShard);
};

/**
 * Reads the version of a shard that the manifest activated.
 * @throws when that version is gone or has other bytes: what is active is then unknown, and nothing is built on it.
 */
export const readActiveShard = async (
  vault: Vault,
  site: string,
  manifest: Manifest,
  shard: number,
): Promise<Map<string, CredentialRecord>> => {
  const secret = secretName.shard(site, "credentials", shard);
  const { versionId, sha256 } = manifest.shards[shard]!;
  const got = await vault.read(secret, versionId);
  const fix = "restore that version of the secret";
  if (got === undefined) throw new Error(`secret '${secret}': version ${versionId}, which is active, is gone; ${fix}`);
  if (sha256Hex(got.value) !== sha256)
    throw new Error(`secret '${secret}': version ${versionId} is not what was activated; ${fix}`);
  return parseCredentialShard(got.value, site, shard);
};

/** Writes a shard's next version; only a manifest makes it active. */
export const writeShard = async (vault: Vault, site: string, shard: number, text: string): Promise<ManifestEntry> => ({
  versionId: await vault.write(secretName.shard(site, "credentials", shard), text),
  sha256: sha256Hex(text),
});
