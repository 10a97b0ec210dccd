/**
 * Events in the broker's log on which alarms stand. The broker writes them, the monitoring filters for them; a test holds
 * the filters to lines that the broker wrote.
 */
export const BROKER_EVENTS = {
  /** A task stopped being the active one; `reason` says why. */
  leaseLost: "lease-lost",
  /** The reason of a lease that its holder gave back itself, at a deployment: no alarm. */
  released: "released",
  /** A task became the active one; `after` says what became of the former one's lease. */
  leaseAcquired: "lease-acquired",
  /** The lease ran out under a holder that gave nothing back: it died, or was cut off. */
  expired: "expired",
  /** Nobody holds the lease, for longer than any failover takes. */
  noActiveTask: "no-active-task",
  /** What was to be stored could not be, or the store could not be opened, closed, asked or copied. */
  storeErrors: ["store-failed", "engine-failed", "store-stuck", "store-checkpoint-failed"],
  /** A checkpoint for the backup was made. */
  checkpoint: "store-checkpoint",
  /** Certificate, credentials or access document could not be loaded; `lastGoodSecondsAgo` is how old those in use are. */
  notLoaded: "material-not-loaded",
  /** The server's certificate or its CA ends soon, and should have been renewed by now. */
  certificateExpires: "certificate-expires",
  /** That of a connected client does. */
  clientCertificateExpires: "client-certificate-expires",
} as const;
