import type { Manifest, ManifestEntry } from "../policy/credentials";
import { sha256Hex } from "./sha256-hex";

/** @returns the hash of a whole document: the SHA-256 of its shards' hashes, joined by commas in shard order. */
export const documentSha256 = (shards: readonly ManifestEntry[]): string =>
  sha256Hex(shards.map((entry) => entry.sha256).join(","));

/** @returns the manifest that activates these shards after `previous` (undefined: as the very first). */
export const nextManifest = (
  previous: Manifest | undefined,
  shards: readonly ManifestEntry[],
  now: Date,
): Manifest => ({
  version: 1,
  sequence: (previous?.sequence ?? 0) + 1,
  shards,
  sha256: documentSha256(shards),
  writtenAt: now.toISOString(),
});
