/**
 * Events in the broker's log on which alarms stand. The broker writes them, the monitoring filters for them; a test holds
 * the filters to lines that the broker wrote.
 */
export const BROKER_EVENTS = {
  /** A task stopped being the active one; `reason` says why. */
  leaseLost: "lease-lost",
  /** The reason of a lease that its holder gave back itself, at a deployment: no alarm. */
  released: "released",
  /** What was to be stored could not be, or the store could not be opened, closed, asked or copied. */
  storeErrors: ["store-failed", "engine-failed", "store-stuck", "store-checkpoint-failed"],
  /** A checkpoint for the backup was made. */
  checkpoint: "store-checkpoint",
} as const;
