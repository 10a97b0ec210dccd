import type { CredentialRecord, Manifest, ManifestEntry } from "../policy/credentials";
import { secretName } from "../policy/deployment";
import { shardOf } from "../policy/shard";
import type { Vault } from "../vault/vault";
import { openAuthority } from "./authority";
import { readActiveShard, renderCredentialShard, SHARD_LIMIT_BYTES, writeShard } from "./credential-shards";
import { acceptIdentities, type AcceptedIdentity, type IdentityRequest } from "./enrol-request";
import { issueClientCertificate } from "./issue-client";
import { type Log, silent } from "./log";
import { moveManifest } from "./move-manifest";
import { generatePassword, hashPassword } from "./password";
import { RefusedRequest } from "./refused-request";
import { BACKDATED_SECONDS } from "./validity";

export interface EnrolProps {
  readonly site: string;
  readonly identities: readonly IdentityRequest[];
  /** @default the present */
  readonly now?: Date;
  readonly log?: Log;
}

export interface EnrolledIdentity {
  readonly name: string;
  /** Given out here once and never again: the vault holds its salted hash. */
  readonly password: string;
  /** PEM, when a request came with the name. */
  readonly certificate?: string;
}

export interface EnrolResult {
  /** In the order of the request. */
  readonly identities: readonly EnrolledIdentity[];
  /** PEM certificates of the CAs that a client of this site trusts. */
  readonly trust: readonly string[];
  /** Sequence of the manifest that activated them: the broker accepts them within one poll (2 s). */
  readonly sequence: number;
}

type Shards = Map<number, Map<string, CredentialRecord>>;

/**
 * Enrols identities: a new password each, replacing the one before, and a certificate for each request. All or nothing,
 * also against others who enrol at the same time. Each touched shard is written once.
 * @throws RefusedRequest with every fault of the list, before anything is written.
 */
export const enrol = async (vault: Vault, props: EnrolProps): Promise<EnrolResult> => {
  const { site, now = new Date(), log = silent } = props;
  const accepted = await acceptIdentities(props.identities);

  const secret = secretName.certificateAuthority(site);
  const stored = await vault.read(secret);
  const missing = new Error(
    `site '${site}': has no certificate authority or credential store yet; initialise (deploy) it first`,
  );
  if (stored === undefined) throw missing;
  const authority = await openAuthority(secret, stored.value);

  const passwords = accepted.map(generatePassword);
  const hashes = passwords.map(hashPassword);
  let certificates: (string | undefined)[] = [];

  const manifest = await moveManifest(vault, "credentials", now, async (active) => {
    if (active === undefined) throw missing;
    const shards = await readShardsOf(vault, site, active, accepted);
    const touched = new Set<number>();
    const records = accepted.map(({ name }, i) => {
      const home = shardOf(name, active.shards.length);
      const before = takeOut(shards, name, touched);
      const validFrom = before?.validFrom ?? Math.floor(now.getTime() / 1000) - BACKDATED_SECONDS;
      const record: CredentialRecord = { passwords: [hashes[i]!], validFrom };
      shards.get(home)!.set(name, record);
      touched.add(home);
      return record;
    });
    const texts = renderTouched(site, shards, touched);
    certificates = await Promise.all(
      accepted.map(({ name, publicKey }, i) =>
        publicKey === undefined
          ? undefined
          : issueClientCertificate(authority, { name, publicKey, validFrom: records[i]!.validFrom, now }),
      ),
    );
    return activeWith(active, await writeAll(vault, site, texts));
  });

  log("identities enrolled", {
    count: accepted.length,
    certificates: certificates.filter((certificate) => certificate !== undefined).length,
    sequence: manifest!.sequence,
  });
  const identities = accepted.map(({ name }, i) => ({ name, password: passwords[i]!, certificate: certificates[i] }));
  return { identities, trust: authority.trust, sequence: manifest!.sequence };
};

/** Where a name may be: its shard today, and those it had while the site was smaller (it moves when it is enrolled again). */
const homesOf = (name: string, count: number): number[] => {
  const homes = new Set<number>();
  for (let size = 1; size <= count; size++) homes.add(shardOf(name, size));
  return [...homes];
};

const readShardsOf = async (
  vault: Vault,
  site: string,
  active: Manifest,
  accepted: readonly AcceptedIdentity[],
): Promise<Shards> => {
  const wanted = [...new Set(accepted.flatMap(({ name }) => homesOf(name, active.shards.length)))];
  return new Map(
    await Promise.all(wanted.map(async (shard) => [shard, await readActiveShard(vault, site, active, shard)] as const)),
  );
};

/** Removes a name wherever it is. @returns its record. */
const takeOut = (shards: Shards, name: string, touched: Set<number>): CredentialRecord | undefined => {
  let found: CredentialRecord | undefined;
  for (const [shard, records] of shards) {
    const record = records.get(name);
    if (record === undefined) continue;
    records.delete(name);
    touched.add(shard);
    // Of two records (which no run of ours leaves) the stricter one counts.
    if (found === undefined || record.validFrom > found.validFrom) found = record;
  }
  return found;
};

const renderTouched = (site: string, shards: Shards, touched: ReadonlySet<number>): Map<number, string> => {
  const texts = new Map([...touched].map((shard) => [shard, renderCredentialShard(site, shard, shards.get(shard)!)]));
  const faults = [...texts].flatMap(([shard, text]) => {
    const bytes = Buffer.byteLength(text);
    if (bytes < SHARD_LIMIT_BYTES) return [];
    return [
      `${site}/credentials/${shard}: must stay below ${SHARD_LIMIT_BYTES} bytes, got ${bytes}; raise the site's 'capacity', deploy, and enrol again`,
    ];
  });
  if (faults.length > 0) throw new RefusedRequest("enrol", faults);
  return texts;
};

const writeAll = async (vault: Vault, site: string, texts: Map<number, string>): Promise<Map<number, ManifestEntry>> =>
  new Map(
    await Promise.all(
      [...texts].map(async ([shard, text]) => [shard, await writeShard(vault, site, shard, text)] as const),
    ),
  );

const activeWith = (active: Manifest, written: ReadonlyMap<number, ManifestEntry>): ManifestEntry[] =>
  active.shards.map((entry, shard) => written.get(shard) ?? entry);
