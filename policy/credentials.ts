/** A salted SHA-256 of a generated 256-bit password: `hash = SHA-256(salt || password as UTF-8)`. Base64url, no padding. */
export interface PasswordRecord {
  /** 16 random bytes. */
  readonly salt: string;
  /** 32 bytes. */
  readonly hash: string;
}

export interface CredentialRecord {
  /** One, or two while a password is being changed: any of them is accepted. */
  readonly passwords: readonly PasswordRecord[];
  /** Unix seconds: a certificate whose `notBefore` is older is refused (decision 8). */
  readonly validFrom: number;
}

/** One shard of the credential records, below 64 KiB of UTF-8 JSON. An identity's shard is `shardOf(name, shards)`. */
export interface CredentialShard {
  readonly version: 1;
  readonly site: string;
  readonly shard: number;
  readonly records: Readonly<Record<string, CredentialRecord>>;
}

/**
 * The item that activates a set of shards: written last, by conditional write on `sequence`, it is the concurrency
 * control, the change signal and the activation (decision 5).
 */
export interface Manifest {
  readonly version: 1;
  /** Grows by one with each write; a reader never goes back. */
  readonly sequence: number;
  /** One entry a shard, in shard order. */
  readonly shards: readonly ManifestEntry[];
  /** Hash of the whole document for the access manifest (lower-case hex SHA-256 of the entries' hashes joined by ","). */
  readonly sha256: string;
  /** ISO 8601 UTC. */
  readonly writtenAt: string;
}

export interface ManifestEntry {
  /** Secrets Manager VersionId, or the file name of that version in a directory. */
  readonly versionId: string;
  /** Lower-case hex SHA-256 of the shard's exact bytes. */
  readonly sha256: string;
}
