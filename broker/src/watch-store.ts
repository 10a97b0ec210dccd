import { LIMITS } from "./limits";

export interface WatchStoreProps {
  /** Asks the store something small; resolves when it answered. */
  readonly probe: () => Promise<unknown>;
  /** The store did not answer in time, or said that it is broken. */
  readonly onStuck: (reason: Error) => void;
  /** Milliseconds. @default LIMITS.stuckMs */
  readonly stuckMs?: number;
}

/**
 * Asks the store at a third of the time that it may take. The event loop turns while a store hangs (on its file system,
 * say), so the watchdog's thread would not see it: and a task that can store nothing can acknowledge nothing.
 * @returns stops asking.
 */
export function watchStore({ probe, onStuck, stuckMs = LIMITS.stuckMs }: WatchStoreProps): () => void {
  let stopped = false;
  let deadline: NodeJS.Timeout | undefined;
  let pause: NodeJS.Timeout | undefined;
  const stop = (): void => {
    stopped = true;
    clearTimeout(deadline);
    clearTimeout(pause);
  };
  const stuck = (reason: Error): void => {
    if (stopped) return;
    stop();
    onStuck(reason);
  };
  const ask = (): void => {
    deadline = setTimeout(() => stuck(new Error(`the store did not answer within ${stuckMs} ms`)), stuckMs).unref();
    // In a promise's turn: a probe that throws is a store that is broken, too.
    Promise.resolve()
      .then(probe)
      .then(
        () => {
          clearTimeout(deadline);
          if (!stopped) pause = setTimeout(ask, stuckMs / 3).unref();
        },
        (error: unknown) => stuck(error instanceof Error ? error : new Error(String(error))),
      );
  };
  ask();
  return stop;
}
