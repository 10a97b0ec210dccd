import type { Manifest } from "../policy/credentials";
import type { ShardedDocument } from "../policy/deployment";

/** A secret's value and the version it has. */
export interface SecretValue {
  readonly value: string;
  readonly versionId: string;
}

/** Where a site's secrets and manifests are: AWS (Secrets Manager and DynamoDB) or a directory on this machine. */
export interface Vault {
  /**
   * The current value of the secret, or the named version's.
   * @returns undefined when the secret exists without a value, or does not exist yet.
   */
  read(secret: string, versionId?: string): Promise<SecretValue | undefined>;
  /**
   * Writes the first value of a secret, unless it has one: of several callers at once exactly one wins, which is what
   * keeps two concurrent initialisations from making two certificate authorities.
   * @returns the value that is current afterwards: ours, or the one that was there first.
   */
  create(secret: string, value: string): Promise<SecretValue>;
  /** Writes a new current value. The container must exist in AWS (Terraform declares it). @returns the new version's id. */
  write(secret: string, value: string): Promise<string>;
  /** @returns undefined when nothing was ever activated. */
  readManifest(document: ShardedDocument): Promise<Manifest | undefined>;
  /**
   * Activates a set of shards: succeeds only if the stored sequence is `manifest.sequence - 1` (0: none stored yet).
   * @throws ManifestConflict when somebody else moved it first; nothing is changed then.
   */
  writeManifest(document: ShardedDocument, manifest: Manifest): Promise<void>;
}

/** Somebody else activated a newer set between our read and our write: read again and repeat. */
export class ManifestConflict extends Error {
  override readonly name = "ManifestConflict";
  constructor(
    readonly document: ShardedDocument,
    readonly expected: number,
  ) {
    super(
      `manifest/${document}: expected the stored sequence to be ${expected}, but it moved; read it again and repeat`,
    );
  }
}
