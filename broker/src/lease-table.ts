/** The stored lease. `released` is set by its holder when it goes in peace. */
export interface LeaseItem {
  readonly epoch: number;
  /** Grows with each renewal. */
  readonly beat: number;
  readonly holder: string;
  readonly address: string;
  readonly released: boolean;
  /** The store's last completed folder; it stays when the lease changes hands. */
  readonly completed: string | undefined;
}

/** Where the lease is stored: conditional writes, each true if it was done and false if the condition failed. */
export interface LeaseTable {
  /** A consistent read. */
  read(): Promise<LeaseItem | undefined>;
  /**
   * Writes a new epoch with beat 0, if the item is still what was seen (undefined: if there is still none).
   * @returns the item as it is now: what a former holder completed after it was seen is in it.
   */
  acquire(
    seen: Pick<LeaseItem, "epoch" | "beat"> | undefined,
    next: Pick<LeaseItem, "epoch" | "holder" | "address">,
  ): Promise<LeaseItem | undefined>;
  /** Counts one beat more, if the epoch is still this holder's. */
  renew(epoch: number, holder: string): Promise<boolean>;
  /** Marks the epoch released, if it is still this holder's. */
  release(epoch: number, holder: string): Promise<boolean>;
  /** Names the store's last completed folder, if the epoch is still this holder's and not released. */
  complete(epoch: number, holder: string, folder: string): Promise<boolean>;
}
