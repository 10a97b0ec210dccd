import type { ManifestEntry } from "../policy/credentials";
import { secretName } from "../policy/deployment";
import { field } from "../policy/field";
import { readShard } from "../policy/read-shard";
import { showValue } from "../policy/show-value";
import { documentSha256 } from "../vault/next-manifest";
import { sha256Hex } from "../vault/sha256-hex";
import type { Vault } from "../vault/vault";
import { type Log, silent } from "./log";
import { moveManifest } from "./move-manifest";
import { RefusedRequest } from "./refused-request";

export interface ActivateProps {
  readonly site: string;
  /** Number of access-document shards that the site declares. */
  readonly accessShards: number;
  /** What was written, in shard order. */
  readonly shards: readonly ManifestEntry[];
  /** Hash of the whole: SHA-256 of the shards' hashes, joined by commas. */
  readonly sha256: string;
  /** @default the present */
  readonly now?: Date;
  readonly log?: Log;
}

/** The manifest's number: it grows with each change, and a broker never goes back. */
export interface ActivateResult {
  readonly sequence: number;
}

/**
 * Activates an access document whose shards somebody wrote: reads each of them back, and moves the manifest only if
 * every byte is what was announced and the set is complete and this site's. Changes nothing when it is active already.
 * @throws RefusedRequest with every fault; the document that was active stays so.
 */
export const activate = async (vault: Vault, props: ActivateProps): Promise<ActivateResult> => {
  const { site, now = new Date(), log = silent } = props;
  const shards = announcedShards(props);
  const faults = await Promise.all(shards.map((entry, shard) => shardFault(vault, site, shards.length, entry, shard)));
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length > 0) throw new RefusedRequest("activate", found);

  let moved = false;
  const manifest = await moveManifest(vault, "access", now, async (active) => {
    const same = (entry: ManifestEntry, i: number): boolean =>
      entry.versionId === shards[i]?.versionId && entry.sha256 === shards[i].sha256;
    moved = active === undefined || active.shards.length !== shards.length || !active.shards.every(same);
    return moved ? shards : undefined;
  });
  const { sequence } = manifest!;
  log(moved ? "access document activated" : "access document was active already", { shards: shards.length, sequence });
  return { sequence };
};

/** The event's list, checked in form: it comes from outside. */
const announcedShards = ({ shards, sha256, accessShards }: ActivateProps): ManifestEntry[] => {
  const list: unknown = shards;
  if (!Array.isArray(list) || list.length !== accessShards) {
    const got = Array.isArray(list) ? String(list.length) : showValue(list);
    throw new RefusedRequest("activate", [`shards: must be the list of all ${accessShards}, got ${got}`]);
  }
  const faults: string[] = [];
  const entries = list.map((entry: unknown, i) => {
    const versionId = field(entry, "versionId");
    const hash = field(entry, "sha256");
    if (typeof versionId !== "string" || versionId === "") {
      faults.push(`shards[${i}].versionId: must be a version's id, got ${showValue(versionId)}`);
    }
    if (typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) {
      faults.push(`shards[${i}].sha256: must be 64 lower-case hex digits, got ${showValue(hash)}`);
    }
    return { versionId: String(versionId), sha256: String(hash) };
  });
  if (sha256 !== documentSha256(entries)) {
    faults.push(`sha256: must be the SHA-256 of the shards' hashes joined by commas, got ${showValue(sha256)}`);
  }
  if (faults.length > 0) throw new RefusedRequest("activate", faults);
  return entries;
};

const shardFault = async (
  vault: Vault,
  site: string,
  count: number,
  entry: ManifestEntry,
  shard: number,
): Promise<string | undefined> => {
  const secret = secretName.shard(site, "access", shard);
  const got = await vault.read(secret, entry.versionId);
  if (got === undefined) return `${secret}: has no version ${entry.versionId}`;
  const sha256 = sha256Hex(got.value);
  if (sha256 !== entry.sha256) return `${secret}: must have the SHA-256 ${entry.sha256}, got ${sha256}`;
  try {
    const read = readShard(JSON.parse(got.value));
    if (read.site === site && read.shard === shard && read.shards === count) return undefined;
    return `${secret}: must be shard ${shard} of ${count} of ${site}, got shard ${read.shard} of ${read.shards} of ${read.site}`;
  } catch (error) {
    return `${secret}: ${(error as Error).message}`;
  }
};
