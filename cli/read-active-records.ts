import { readActiveShard } from "../ca/credential-shards";
import type { CredentialRecord } from "../policy/credentials";
import type { Vault } from "../vault/vault";

/** Every active credential record of the site, by name. */
export async function readActiveRecords(vault: Vault, site: string): Promise<ReadonlyMap<string, CredentialRecord>> {
  const manifest = await vault.readManifest("credentials");
  const shards = await Promise.all(
    (manifest?.shards ?? []).map((_, shard) => readActiveShard(vault, site, manifest!, shard)),
  );
  return new Map(shards.flatMap((records) => [...records]));
}
