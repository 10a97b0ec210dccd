/** One change of a batch; the shape is that of LevelDB's `batch` in Node (abstract-level). */
export type Change =
  | { readonly type: "put"; readonly key: string; readonly value: Buffer }
  | { readonly type: "del"; readonly key: string };

/** Which keys to read, in ascending order. */
export interface KeyRange {
  /** The first key that may be read. */
  readonly gte: string;
  /** The first key that may not. */
  readonly lt: string;
  /** At most so many. @default all */
  readonly limit?: number;
}

/**
 * What the sessions need of a store, and no more: small enough that one in memory and one in LevelDB behave alike (the
 * contract is `test/broker/persistence/key-value-contract.ts`). Keys are printable ASCII, so that the order of JavaScript's
 * strings is the order of their bytes; `key.ts` makes them.
 */
export interface KeyValue {
  /** The value, or undefined; it must not be changed by the caller. */
  get(key: string): Promise<Buffer | undefined>;
  /** What is in the range at the moment of the call, in ascending order of the keys; to be gone through once. */
  range(range: KeyRange): Promise<Iterable<readonly [key: string, value: Buffer]>>;
  /**
   * Makes all of the changes, in their order, or none. Resolves when they would survive what the back end protects from;
   * batches are made in the order of the calls. The values belong to the store from then on.
   */
  batch(changes: readonly Change[]): Promise<void>;
  /** Resolves when everything asked for before is done; later calls are rejected. */
  close(): Promise<void>;
}
