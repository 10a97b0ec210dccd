import type { Manifest } from "../../policy/credentials";
import type { ShardedDocument } from "../../policy/deployment";
import { ManifestConflict, type SecretValue, type Vault } from "../../vault/vault";

/** A vault in memory that counts its reads and can be broken on purpose. */
export class MemoryVault implements Vault {
  readonly #secrets = new Map<string, SecretValue[]>();
  readonly #manifests = new Map<ShardedDocument, Manifest>();
  #versions = 0;
  /** Names of the secrets read, in order. */
  readonly reads: string[] = [];
  /** Thrown by every read while it is set. */
  broken: Error | undefined;

  async read(secret: string, versionId?: string): Promise<SecretValue | undefined> {
    if (this.broken) throw this.broken;
    this.reads.push(secret);
    const versions = this.#secrets.get(secret);
    return versionId === undefined ? versions?.at(-1) : versions?.find((version) => version.versionId === versionId);
  }

  async create(secret: string, value: string): Promise<SecretValue> {
    const present = this.#secrets.get(secret)?.at(-1);
    if (present) return present;
    return { value, versionId: await this.write(secret, value) };
  }

  async write(secret: string, value: string): Promise<string> {
    const versionId = `v${(this.#versions += 1)}`;
    this.#secrets.set(secret, [...(this.#secrets.get(secret) ?? []), { value, versionId }]);
    return versionId;
  }

  async readManifest(document: ShardedDocument): Promise<Manifest | undefined> {
    if (this.broken) throw this.broken;
    return this.#manifests.get(document);
  }

  async writeManifest(document: ShardedDocument, manifest: Manifest): Promise<void> {
    const stored = this.#manifests.get(document)?.sequence ?? 0;
    if (stored !== manifest.sequence - 1) throw new ManifestConflict(document, manifest.sequence - 1);
    this.forceManifest(document, manifest);
  }

  /** What no writer of ours does: any manifest, whatever was there. */
  forceManifest(document: ShardedDocument, manifest: Manifest): void {
    this.#manifests.set(document, manifest);
  }
}
