/** Ctrl-C, or whoever asks the process to end. */
export interface Interruption {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP: work in progress ends at its next whole step. */
  readonly signal: AbortSignal;
  /** Settles when the signal is aborted. */
  readonly promise: Promise<void>;
  /** Gives the signals back to Node's default. Only once the process has nothing left to close. */
  dispose(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What a shell reports of a process that Ctrl-C ended: 128 + SIGINT. */
const INTERRUPTED = 130;

/**
 * Signals within this time are one Ctrl-C, ms: on a terminal `npm start` passes on what the process got already. A
 * person who is tired of waiting takes longer.
 */
const ONE_CTRL_C = 400;

/**
 * Listens from now on: the first signal ends the work in an orderly way, a later one ends the process at once. It goes
 * on listening until `dispose`: signal-exit, which listr2 brings, kills a process whose only listener it is.
 */
export function interruption(now: () => number = () => performance.now()): Interruption {
  const controller = new AbortController();
  let first = 0;
  const stop = (): void => {
    if (!controller.signal.aborted) {
      first = now();
      controller.abort(new Error("interrupted"));
    } else if (now() - first > ONE_CTRL_C) process.exit(INTERRUPTED);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  const dispose = (): void => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
  const { signal } = controller;
  return { signal, dispose, promise: new Promise((resolve) => signal.addEventListener("abort", () => resolve())) };
}
