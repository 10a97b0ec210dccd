import { LIMITS } from "./limits";
import type { MemoryLimits } from "./memory-limits";

/** The limits that depend on the task's size, and those that depend on the plant. */
export interface SiteLimits extends MemoryLimits {
  readonly connectionsPerIdentity: number;
  /** Messages a second. */
  readonly publishRate: number;
  /** Bytes a second. */
  readonly publishBytesRate: number;
}

/** What the table says: those of the smallest task. */
export const DEFAULT_SITE_LIMITS: SiteLimits = {
  connections: LIMITS.connections,
  connectionsPerAddress: LIMITS.connectionsPerAddress,
  guests: LIMITS.guests,
  guestsPerAddress: LIMITS.guestsPerAddress,
  retainedBytes: LIMITS.retainedBytes,
  queuedBytesInAll: LIMITS.queuedBytesInAll,
  subscriptionBytes: LIMITS.subscriptionBytes,
  outboundTotalBytes: LIMITS.outboundTotalBytes,
  connectionsPerIdentity: LIMITS.connectionsPerIdentity,
  publishRate: LIMITS.publishRate,
  publishBytesRate: LIMITS.publishBytesRate,
};
