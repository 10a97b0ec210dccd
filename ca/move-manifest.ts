import type { Manifest, ManifestEntry } from "../policy/credentials";
import type { ShardedDocument } from "../policy/deployment";
import { nextManifest } from "../vault/next-manifest";
import { ManifestConflict, type Vault } from "../vault/vault";

/** Each lost race means that somebody else got through, so this many in a row means that something is broken. */
const ATTEMPTS = 25;

/**
 * Moves a document to its next set of shards, however many others try at the same time: reads the manifest, lets
 * `change` make the next shards from it, and activates them if nobody moved it meanwhile; otherwise all over again from
 * the newer one. What a failed attempt wrote stays inactive.
 * @param change the next shards, or undefined when nothing is to be changed.
 * @returns the manifest that is active afterwards.
 */
export const moveManifest = async (
  vault: Vault,
  document: ShardedDocument,
  now: Date,
  change: (active: Manifest | undefined) => Promise<readonly ManifestEntry[] | undefined>,
): Promise<Manifest | undefined> => {
  for (let attempt = 1; ; attempt++) {
    const active = await vault.readManifest(document);
    const shards = await change(active);
    if (shards === undefined) return active;
    const next = nextManifest(active, shards, now);
    try {
      await vault.writeManifest(document, next);
      return next;
    } catch (error) {
      if (!(error instanceof ManifestConflict) || attempt === ATTEMPTS) throw error;
    }
  }
};
