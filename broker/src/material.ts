import { EventEmitter } from "node:events";
import { createSecureContext } from "node:tls";
import { compileAccess, type AccessPolicy } from "../../policy/compile-access";
import type { AccessShard } from "../../policy/access-document";
import type { CredentialRecord } from "../../policy/credentials";
import { secretName } from "../../policy/deployment";
import { parseCredentialShard } from "../../vault/parse-credential-shard";
import type { Vault } from "../../vault/vault";
import { loadDocument, type LoadedDocument } from "./load-document";
import type { Logger } from "./logger";
import { parseAccessShard } from "./parse-access-shard";
import { poll } from "./poll";
import { parseServerCertificate, type ServerCertificate } from "./server-certificate";
import { secureContext } from "./tls-options";

/** How often the vault is asked, in milliseconds. */
export interface PollIntervals {
  /** Both manifests. */
  readonly manifests: number;
  readonly certificate: number;
}

/** A revocation takes effect within one poll of the manifest (decision 8). */
export const POLL_INTERVALS: PollIntervals = { manifests: 2_000, certificate: 60_000 };

/** What is known of who may connect, all of it from one complete set of each document. */
export interface Identities {
  readonly credentials: ReadonlyMap<string, CredentialRecord>;
  readonly access: AccessPolicy;
}

interface MaterialEvents {
  /** A new server certificate or trust bundle is in use. */
  certificate: [ServerCertificate];
  /** Credentials or access document changed. */
  identities: [];
}

export interface MaterialProps {
  readonly vault: Vault;
  readonly site: string;
  readonly log: Logger;
  readonly intervals?: PollIntervals;
}

type Shards = ReadonlyMap<string, CredentialRecord>;

/**
 * What the broker needs from the vault, kept up to date: the server certificate, the credential records and the access
 * document. The last good one of each stays in use when the next is missing, half there, corrupt or older.
 */
export class Material extends EventEmitter<MaterialEvents> {
  certificate: ServerCertificate | undefined;
  readonly #props: MaterialProps;
  readonly #troubles = new Map<string, { text: string; since: number; lastSaid: number }>();
  readonly #verifiedAt = new Map<string, number>();
  #credentials: LoadedDocument<Shards> | undefined;
  #access: LoadedDocument<AccessShard> | undefined;
  #records: Shards | undefined;
  #compiled: AccessPolicy | undefined;
  #stops: (() => void)[] = [];

  constructor(props: MaterialProps) {
    super();
    this.#props = props;
  }

  /** Undefined until a complete set of both documents was loaded once. */
  get identities(): Identities | undefined {
    return this.#records && this.#compiled && { credentials: this.#records, access: this.#compiled };
  }

  /** What is not there yet, and what makes it be there. */
  get missing(): readonly string[] {
    const gaps: string[] = [];
    if (!this.certificate) gaps.push("server certificate: written by the CA's 'initialise' (cdktf deploy, dmz start)");
    if (!this.#records) gaps.push("credentials: activated by the CA's 'initialise', filled by 'dmz enrol'");
    if (!this.#compiled) gaps.push("access document: activated by 'cdktf deploy' or 'dmz start'");
    return gaps;
  }

  /** Loads everything once and goes on polling until `stop`. */
  async start(): Promise<void> {
    const { manifests, certificate } = this.#props.intervals ?? POLL_INTERVALS;
    await Promise.all([this.#loadCertificate(), this.#loadIdentities()]);
    this.#stops = [
      poll(manifests, async () => {
        // Until the first certificate is there, look as often as for the rest: the broker waits for it.
        if (!this.certificate) await this.#loadCertificate();
        await this.#loadIdentities();
      }),
      poll(certificate, () => this.#loadCertificate()),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  async #loadCertificate(): Promise<void> {
    const { vault, site, log } = this.#props;
    const secret = secretName.serverCertificate(site);
    await this.#attempt("server certificate", async () => {
      const found = await vault.read(secret);
      if (!found) {
        if (this.certificate) throw new Error(`secret '${secret}': is gone; restore it`);
        return;
      }
      if (found.versionId === this.certificate?.versionId) return;
      const loaded = parseServerCertificate(secret, found.value, found.versionId);
      // What OpenSSL will not serve (a key too small, say) must fail here, while the last good one is still in use.
      createSecureContext(secureContext(loaded));
      this.certificate = loaded;
      log.info(
        { notAfter: loaded.leaf.validTo, fingerprint: loaded.leaf.fingerprint256, trusted: loaded.trust.length },
        "server-certificate-loaded",
      );
      this.emit("certificate", loaded);
    });
  }

  async #loadIdentities(): Promise<void> {
    const { vault, site, log } = this.#props;
    let changed = false;
    await this.#attempt("credentials", async () => {
      const parse = (text: string, shard: number): Shards => parseCredentialShard(text, site, shard);
      const loaded = await loadDocument({ vault, site, document: "credentials", parse, previous: this.#credentials });
      if (!loaded || loaded === this.#credentials) return;
      this.#records = merge(loaded.shards);
      this.#credentials = loaded;
      changed = true;
      log.info({ sequence: loaded.manifest.sequence, records: this.#records.size }, "credentials-loaded");
    });
    await this.#attempt("access document", async () => {
      const parse = (text: string, shard: number): AccessShard => parseAccessShard(text, site, shard);
      const loaded = await loadDocument({ vault, site, document: "access", parse, previous: this.#access });
      if (!loaded || loaded === this.#access) return;
      this.#compiled = compileAccess(loaded.shards);
      this.#access = loaded;
      changed = true;
      log.info({ sequence: loaded.manifest.sequence, shards: loaded.shards.length }, "access-document-loaded");
    });
    if (changed) this.emit("identities");
  }

  /** A failed load changes nothing; it is said at once, then every minute with the age of what is in use. */
  async #attempt(what: string, load: () => Promise<void>): Promise<void> {
    const { log } = this.#props;
    const trouble = this.#troubles.get(what);
    try {
      await load();
      this.#verifiedAt.set(what, performance.now());
      if (trouble) log.info({ what, seconds: secondsSince(trouble.since) }, "material-recovered");
      this.#troubles.delete(what);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const now = performance.now();
      if (trouble?.text === text && now - trouble.lastSaid < 60_000) return;
      this.#troubles.set(what, { text, since: trouble?.since ?? now, lastSaid: now });
      const verified = this.#verifiedAt.get(what);
      log.warn(
        { what, reason: text, lastGoodSecondsAgo: verified === undefined ? undefined : secondsSince(verified) },
        "material-not-loaded",
      );
    }
  }
}

function secondsSince(at: number): number {
  return Math.round((performance.now() - at) / 1000);
}

/** @throws when an identity is in two shards: which record holds would be a guess. */
function merge(shards: readonly Shards[]): Shards {
  const all = new Map<string, CredentialRecord>();
  for (const shard of shards) {
    for (const [name, record] of shard) {
      if (all.has(name)) throw new Error(`credentials: '${name}' must be in one shard, is in two; enrol it again`);
      all.set(name, record);
    }
  }
  return all;
}
