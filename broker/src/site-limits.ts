import { LIMITS } from "./limits";

/** The limits that depend on the task's size and on the plant, and that the environment may therefore set. */
export interface SiteLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly connectionsPerIdentity: number;
  /** Messages a second. */
  readonly publishRate: number;
  /** Bytes a second. */
  readonly publishBytesRate: number;
}

/** What the table says. */
export const DEFAULT_SITE_LIMITS: SiteLimits = {
  connections: LIMITS.connections,
  connectionsPerAddress: LIMITS.connectionsPerAddress,
  connectionsPerIdentity: LIMITS.connectionsPerIdentity,
  publishRate: LIMITS.publishRate,
  publishBytesRate: LIMITS.publishBytesRate,
};
