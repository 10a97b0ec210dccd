import type { IncomingMessage } from "node:http";
import { startEngine, type Engine } from "./engine";
import type { Gate } from "./gate";
import { RELEASED, type Lease } from "./lease";
import type { Logger } from "./logger";
import type { Material } from "./material";
import { MemoryKeyValue } from "./persistence/memory-key-value";
import type { SiteLimits } from "./site-limits";

/** The engine that runs while, and only while, this task holds the lease. */
export interface Activation {
  /** Whether this task serves clients at this moment. */
  readonly isActive: () => boolean;
  readonly whenActive: () => Promise<void>;
  /** Hands a client to the engine; ends its connection if this task is not active. */
  readonly handle: (gate: Gate, request?: IncomingMessage) => void;
  readonly recheck: () => void;
  readonly probeStore: () => Promise<unknown>;
  /** When what the lease began is done: the engine runs, or has ended. */
  readonly settled: () => Promise<void>;
}

export interface ActivationProps {
  readonly lease: Lease;
  readonly material: Material;
  readonly log: Logger;
  readonly limits: SiteLimits;
  /** Called when this task has become the active one. */
  readonly onActive: () => void;
}

/** Starts an engine with each epoch of the lease, and ends it, every session first, at once when the lease is lost. */
export function followLease({ lease, material, log, limits, onActive }: ActivationProps): Activation {
  let engine: Engine | undefined;
  let waiting: (() => void)[] = [];
  // One change after the other: an engine that ends has ended before the next one starts.
  let changes: Promise<void> = Promise.resolve();
  const isActive = (): boolean => engine !== undefined && lease.epoch !== undefined;

  const activate = async (epoch: number): Promise<void> => {
    // Lost again while the former engine was ending.
    if (lease.epoch !== epoch) return;
    const keyValue = new MemoryKeyValue();
    const started = await startEngine({ material, keyValue, log, limits, isActive: () => lease.epoch === epoch });
    if (lease.epoch !== epoch) return started.close();
    engine = started;
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
    return former?.close(reason === RELEASED);
  };

  lease.on("acquired", (epoch) => {
    changes = changes.then(() => activate(epoch));
  });
  lease.on("lost", (reason) => {
    // Not in its turn: after the deadline there must be no session.
    const ended = deactivate(reason);
    changes = changes.then(() => ended);
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
  };
}
