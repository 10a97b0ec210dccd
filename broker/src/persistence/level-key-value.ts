import { Checksums } from "./checksums";
import { encodeCommit, KEPT_COMMITS } from "./commit-log";
import type { ContentDigest } from "./content-digest";
import type { Change, KeyRange, KeyValue } from "./key-value";
import type { LastCommitFile } from "./last-commit-file";
import type { LevelDatabase } from "./level-database";
import { openStore, type OpenedStore, type OpenStoreProps } from "./open-store";
import type { OpenedRecords } from "./opened-records";
import { FIRST_KEY, ownKey } from "./own-key";
import { seal, unseal } from "./sealed-record";
import { RESTORE, StoreFault } from "./store-fault";

/** A batch in the making. Given whole, LevelDB's binding would copy every change of it: most of what a batch costs. */
type Chain = ReturnType<LevelDatabase["batch"]>;

/** LevelDB copies a record when it is put: one place for all of them, since a buffer each costs 2 us. */
const SCRATCH = Buffer.allocUnsafeSlow(16 * 1024);
const inScratch = (bytes: number): Buffer =>
  bytes <= SCRATCH.length ? SCRATCH.subarray(0, bytes) : Buffer.allocUnsafeSlow(bytes);

/**
 * The durable store: LevelDB in a folder of this process alone. A batch is one commit: its changes, its number and the
 * digest of all that the store then holds are written in one piece, and it resolves when they are on the disk (fsync).
 *
 * The first write or read that fails breaks it for good: what the disk holds is not known any more, so that every later
 * call is refused, and only opening it again, which looks at every record, tells.
 */
export class LevelKeyValue implements KeyValue {
  readonly #folder: string;
  readonly #database: LevelDatabase;
  readonly #lastCommit: LastCommitFile;
  readonly #checksums: Checksums;
  readonly #digest: ContentDigest;
  /** What the opening read, until something changes: it would be read a second time at once. */
  #opened: OpenedRecords | undefined;
  #sequence: number;
  /** The batches asked for so far: LevelDB's threads would not keep the order of two at a time. */
  #written: Promise<void> = Promise.resolve();
  #broken: Error | undefined;
  #closed = false;

  private constructor(folder: string, { database, inspection, lastCommit }: OpenedStore) {
    this.#folder = folder;
    this.#database = database;
    this.#lastCommit = lastCommit;
    const { digest, records, sequence } = inspection;
    [this.#digest, this.#opened, this.#sequence] = [digest, records, sequence];
    this.#checksums = new Checksums(records);
    lastCommit.onFailure = (error) => void (this.#broken ??= this.#ioFault(error));
  }

  /**
   * Opens a store and looks at every record of it.
   * @throws StoreFault when it is missing, damaged, of a later version, in use, or cannot be read.
   */
  static async open(props: OpenStoreProps): Promise<LevelKeyValue> {
    return new LevelKeyValue(props.folder, await openStore(props));
  }

  /** Keys in the store. */
  get size(): number {
    return this.#checksums.size;
  }

  /** Number of the last batch: each is one sync of the disk. */
  get commits(): number {
    return this.#sequence;
  }

  async get(key: string): Promise<Buffer | undefined> {
    await this.#ready();
    const record = await this.#database.get(key).catch((error: Error) => this.#break(error));
    return record && this.#unseal(key, record);
  }

  async range({ gte, lt, limit }: KeyRange): Promise<Iterable<readonly [string, Buffer]>> {
    await this.#ready();
    const from = gte < FIRST_KEY ? FIRST_KEY : gte;
    if (this.#opened) return this.#opened.range(from, lt, limit);
    const iterator = this.#database.iterator({ gte: from, lt, limit: limit ?? -1, highWaterMarkBytes: 1024 * 1024 });
    const entries = await iterator.all().catch((error: Error) => this.#break(error));
    return entries.map(([key, record]) => [key, this.#unseal(key, record)] as const);
  }

  batch(changes: readonly Change[]): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closedFault());
    if (this.#broken) return Promise.reject(this.#broken);
    this.#opened?.forgetValues();
    this.#opened = undefined;
    const sequence = (this.#sequence += 1);
    const chain = this.#database.batch();
    for (const change of changes) this.#apply(change, chain);
    const key = ownKey.commit(sequence);
    chain.put(key, seal(key, encodeCommit(sequence, this.#digest)).record);
    if (sequence > KEPT_COMMITS) chain.del(ownKey.commit(sequence - KEPT_COMMITS));
    this.#written = this.#written.then(() => this.#write(sequence, chain));
    // Whoever asked for it hears of a failure; so does everybody who asks later.
    this.#written.catch(() => undefined);
    return this.#written;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#written.catch(() => undefined);
    await this.#lastCommit.close();
    await this.#database.close();
  }

  async #write(sequence: number, chain: Chain): Promise<void> {
    if (this.#broken) throw this.#broken;
    await chain
      .write({ sync: true })
      .then(this.#lastCommit.confirm)
      .catch((error: Error) => this.#break(error));
    this.#lastCommit.note(sequence);
  }

  #apply(change: Change, chain: Chain): void {
    const { key } = change;
    const sealed = change.type === "put" ? seal(key, change.value, inScratch) : undefined;
    const before = this.#checksums.replace(key, sealed?.checksum);
    if (before !== undefined) this.#digest.remove(before);
    if (!sealed) return void chain.del(key);
    this.#digest.add(sealed.checksum);
    chain.put(key, sealed.record);
  }

  /** Everything asked for before is done. */
  async #ready(): Promise<void> {
    if (this.#closed) throw this.#closedFault();
    await this.#written;
    if (this.#broken) throw this.#broken;
  }

  #unseal(key: string, record: Buffer): Buffer {
    const value = unseal(key, record);
    if (value) return value;
    const what = `the record '${key}' is damaged: it does not have its checksum`;
    this.#broken ??= new StoreFault("corrupt", this.#folder, what, RESTORE);
    throw this.#broken;
  }

  #break(error: Error): never {
    this.#broken ??= this.#ioFault(error);
    throw this.#broken;
  }

  #ioFault(error: Error): StoreFault {
    return new StoreFault(
      "io",
      this.#folder,
      `it cannot be read or written: ${reasonOf(error)}`,
      "Nothing more is acknowledged. See to its disk (room, mount, faults), then start again: the start checks every record.",
      { cause: error },
    );
  }

  #closedFault(): StoreFault {
    return new StoreFault("closed", this.#folder, "it is closed", "Open it again.");
  }
}

/** LevelDB's own words are in the cause. */
const reasonOf = (error: Error): string => ((error.cause as Error | undefined) ?? error).message;
