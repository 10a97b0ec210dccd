import type { Manifest, ManifestEntry } from "../../policy/credentials";
import { secretName, type ShardedDocument } from "../../policy/deployment";
import { sha256Hex } from "../../vault/sha256-hex";
import type { Vault } from "../../vault/vault";

/** A complete set of shards that matches one manifest. */
export interface LoadedDocument<Shard> {
  readonly manifest: Manifest;
  /** In shard order. */
  readonly shards: readonly Shard[];
}

export interface LoadProps<Shard> {
  readonly vault: Vault;
  readonly site: string;
  readonly document: ShardedDocument;
  /** Reads one shard. @throws when it is not this site's or not in its place. */
  readonly parse: (text: string, shard: number) => Shard;
  /** The set in use: shards that did not change are taken from it instead of fetched. */
  readonly previous: LoadedDocument<Shard> | undefined;
}

/**
 * Loads the set of shards that the manifest names (decision 5): all of it or nothing.
 * @returns the previous set itself when nothing changed; undefined when nothing was ever activated.
 * @throws when the manifest went back, a shard is missing, or its bytes are not those the manifest names.
 */
export async function loadDocument<Shard>(props: LoadProps<Shard>): Promise<LoadedDocument<Shard> | undefined> {
  const { vault, document, previous } = props;
  const manifest = await vault.readManifest(document);
  if (!manifest) {
    if (previous)
      throw new Error(
        `manifest/${document}: is gone, was at sequence ${previous.manifest.sequence}; restore the table's item`,
      );
    return undefined;
  }
  if (previous) {
    const { sequence, sha256 } = previous.manifest;
    if (manifest.sequence < sequence) {
      throw new Error(
        `manifest/${document}: must not go back, got sequence ${manifest.sequence} after ${sequence}; somebody restored an old item: activate again`,
      );
    }
    if (manifest.sequence === sequence) {
      if (manifest.sha256 === sha256) return previous;
      throw new Error(
        `manifest/${document}: changed without a new sequence, still ${sequence}; somebody wrote it by hand: activate again`,
      );
    }
  }
  const shards = await Promise.all(manifest.shards.map((entry, shard) => loadShard(props, entry, shard)));
  return { manifest, shards };
}

async function loadShard<Shard>(props: LoadProps<Shard>, entry: ManifestEntry, shard: number): Promise<Shard> {
  const { vault, site, document, parse, previous } = props;
  const known = previous?.manifest.shards[shard];
  if (known?.versionId === entry.versionId && known.sha256 === entry.sha256) return previous!.shards[shard]!;

  const secret = secretName.shard(site, document, shard);
  const found = await vault.read(secret, entry.versionId);
  if (!found)
    throw new Error(
      `secret '${secret}': version ${entry.versionId} is not there, but the manifest names it; waiting for it`,
    );
  const sha256 = sha256Hex(found.value);
  if (sha256 !== entry.sha256) {
    throw new Error(
      `secret '${secret}': SHA-256 must be the manifest's ${entry.sha256}, got ${sha256}; activate again`,
    );
  }
  return parse(found.value, shard);
}
