/** Ctrl-C, or whoever asks the process to end. */
export interface Interruption {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP: work in progress ends at its next whole step. */
  readonly signal: AbortSignal;
  /** Settles when the signal is aborted. */
  readonly promise: Promise<void>;
  /** Gives the signals back to Node's default. */
  dispose(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Listens from now on: the first signal ends the work in an orderly way, a second one ends the process at once. */
export function interruption(): Interruption {
  const controller = new AbortController();
  const stop = (): void => {
    dispose();
    controller.abort(new Error("interrupted"));
  };
  const dispose = (): void => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  const { signal } = controller;
  return { signal, dispose, promise: new Promise((resolve) => signal.addEventListener("abort", () => resolve())) };
}
