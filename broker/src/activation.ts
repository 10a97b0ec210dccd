import type { IncomingMessage } from "node:http";
import { startEngine, type Engine } from "./engine";
import type { Gate } from "./gate";
import { RELEASED, type Lease } from "./lease";
import { LIMITS } from "./limits";
import type { Logger } from "./logger";
import type { Material } from "./material";
import type { SiteLimits } from "./site-limits";
import type { MessageStore } from "./store/message-store";
import { within } from "./within";

/** The engine that runs while, and only while, this task holds the lease. */
export interface Activation {
  /** Whether this task serves clients at this moment. */
  readonly isActive: () => boolean;
  readonly whenActive: () => Promise<void>;
  /** Hands a client to the engine; ends its connection if this task is not active. */
  readonly handle: (gate: Gate, request?: IncomingMessage) => void;
  readonly recheck: () => void;
  readonly probeStore: () => Promise<unknown>;
  /** When what the lease began is done: the engine runs, or has ended and its store is closed. @throws if it could not. */
  readonly settled: () => Promise<void>;
  /** When the connections of every engine that was closed have ended. */
  readonly connectionsEnded: () => Promise<void>;
}

export interface ActivationProps {
  readonly lease: Lease;
  readonly store: MessageStore;
  readonly material: Material;
  readonly log: Logger;
  readonly limits: SiteLimits;
  readonly willGraceMs?: number | undefined;
  /** Called when this task has become the active one. */
  readonly onActive: () => void;
  /** The store cannot be opened or closed: this task can serve nobody, and another one perhaps can. */
  readonly onFailure: (error: Error) => void;
}

/** Opens the store and starts an engine with each epoch of the lease, and ends both at once when the lease is lost. */
export function followLease(props: ActivationProps): Activation {
  const { lease, store, material, log, limits, willGraceMs, onActive, onFailure } = props;
  let engine: Engine | undefined;
  let waiting: (() => void)[] = [];
  // One change after the other: an engine that ends has ended before the next one starts.
  let changes: Promise<void> = Promise.resolve();
  let connections: Promise<void> = Promise.resolve();
  const isActive = (): boolean => engine !== undefined && lease.epoch !== undefined;

  const activate = async (epoch: number): Promise<void> => {
    // Lost again while the former engine was ending.
    if (lease.epoch !== epoch) return;
    const keyValue = await store.open(epoch, lease);
    if (!keyValue) return;
    const isHeld = (): boolean => lease.epoch === epoch;
    const started = await startEngine({ material, keyValue, log, limits, willGraceMs, isActive: isHeld });
    const own: Engine = {
      ...started,
      close: async (gently) => {
        await started.close(gently);
        connections = connections.then(started.ended);
        await keyValue.close();
      },
    };
    if (!isHeld()) return own.close();
    engine = own;
    log.info({ epoch }, "active");
    onActive();
    const resolves = waiting;
    waiting = [];
    for (const resolve of resolves) resolve();
  };
  const deactivate = (reason: string): Promise<void> | undefined => {
    const former = engine;
    engine = undefined;
    if (former) log.warn({ reason }, "not-active");
    // Given back on purpose: there is time to close gently.
    return former && within(LIMITS.storeCloseMs, "the store to close", former.close(reason === RELEASED));
  };
  let failed = false;
  const follow = (change: () => Promise<void> | undefined): void => {
    changes = changes.then(change);
    changes.catch((error: unknown) => {
      if (failed) return;
      failed = true;
      log.error({ error }, "store-failed");
      onFailure(error instanceof Error ? error : new Error(String(error)));
    });
  };

  lease.on("acquired", (epoch) => {
    // A store that hangs would leave the site without an active task for as long as this one renews its lease.
    follow(() => within(LIMITS.storeOpenMs, "the store to open", activate(epoch)));
  });
  lease.on("lost", (reason) => {
    // Not in its turn: after the deadline there must be no session.
    const ended = deactivate(reason);
    follow(() => ended);
  });

  return {
    isActive,
    whenActive: () => (isActive() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    handle: (gate, request) => {
      if (engine && isActive()) engine.handle(gate, request);
      else gate.destroy();
    },
    recheck: () => engine?.recheck(),
    probeStore: async () => engine?.probeStore(),
    settled: () => changes,
    connectionsEnded: () => connections,
  };
}
