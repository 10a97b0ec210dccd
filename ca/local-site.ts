import { secretName, shardCount } from "../policy/deployment";
import { deriveAccess, renderShard } from "../policy/derive-access";
import type { Site } from "../policy/site";
import { documentSha256 } from "../vault/next-manifest";
import { sha256Hex } from "../vault/sha256-hex";
import type { Vault } from "../vault/vault";
import { activate, type ActivateResult } from "./activate";
import type { Log } from "./log";

/**
 * Writes a site's access document into a vault and activates it: what Terraform and *activate* do in the cloud, for a
 * site that runs on this machine. Writes nothing when the document is the same.
 */
export const installAccessDocument = async (vault: Vault, site: Site, log?: Log): Promise<ActivateResult> => {
  const texts = deriveAccess(site).map(renderShard);
  const active = await vault.readManifest("access");
  const shards = await Promise.all(
    texts.map(async (text, shard) => {
      const sha256 = sha256Hex(text);
      const present = active?.shards[shard];
      if (present?.sha256 === sha256 && active?.shards.length === texts.length) return present;
      return { versionId: await vault.write(secretName.shard(site.name, "access", shard), text), sha256 };
    }),
  );
  const accessShards = shardCount(site.capacity).access;
  return activate(vault, { site: site.name, accessShards, shards, sha256: documentSha256(shards), log });
};
