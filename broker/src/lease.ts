import type { EventEmitter } from "node:events";

/** Who else holds a live lease. */
export interface Holder {
  readonly epoch: number;
  /** Where peers relay to. */
  readonly address: string;
}

/** Why a lease was lost that its holder gave back itself. */
export const RELEASED = "released";

export interface LeaseEvents {
  /** This task is the active one from now on. */
  acquired: [epoch: number];
  /** This task is no longer the active one: stop serving at once. */
  lost: [reason: string];
  /** Another task is active, or none is known to be. */
  holder: [Holder | undefined];
}

/** Lease times in milliseconds. */
export const LEASE = {
  /** How long a lease holds after the last renewal was sent. */
  ttlMs: 10_000,
  renewMs: 3_000,
  /** How often a contender looks: most of what a hand-over takes. */
  lookMs: 500,
} as const;

/**
 * The right to be the one active task of a site (decision 3). Each time it changes hands its epoch grows.
 * Time is the process's own monotonic clock (`performance.now()`), never the wall clock, never another machine's.
 */
export interface Lease extends EventEmitter<LeaseEvents> {
  /** Epoch of the lease that this task holds at this moment, deadline included; undefined otherwise. */
  readonly epoch: number | undefined;
  /** The live lease's holder, if it is another task. */
  readonly holder: Holder | undefined;
  /** Until when this task may call itself active, on the scale of `performance.now()`; 0 when it does not hold the lease. */
  readonly deadline: number;
  /** The store's last completed folder as it was when this task acquired the lease, and since: where an epoch begins. */
  readonly completed: string | undefined;
  /**
   * Starts contending. Resolves when the first answer is there: acquired, or somebody else's.
   * @throws when the lease can never be had (a lock file that a living process holds).
   */
  start(): Promise<void>;
  /**
   * Names the folder that a successor begins with, if this task still holds the lease.
   * @returns false when it does not: what was built is nobody's.
   * @throws when nobody knows, because the lease's place did not answer: it may be asked again.
   */
  complete(folder: string): Promise<boolean>;
  /**
   * Gives the lease back, if held, and never contends again. Goes on telling who the holder is until `stop`.
   * @param close is awaited after "lost" and before anybody else may begin: the store is flushed and closed in it.
   */
  release(close?: () => Promise<void>): Promise<void>;
  /** Stops looking. */
  stop(): void;
}
