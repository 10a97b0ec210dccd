import type { Lease } from "../lease";
import type { KeyValue } from "../persistence/key-value";

/** Where the active task keeps what it acknowledged, across the epochs of the lease. */
export interface MessageStore {
  /** Whether this task could open it, asked before it contends. @throws when it could not. */
  readonly check: () => Promise<void>;
  /**
   * Opens the store for an epoch, with all that earlier ones acknowledged.
   * @returns undefined when the lease was lost meanwhile: the store is another task's.
   * @throws when it cannot be opened as it is.
   */
  readonly open: (epoch: number, lease: Lease) => Promise<KeyValue | undefined>;
}
