/** Ctrl-C, or whoever asks the process to end. */
export interface Interruption {
  /** Settles at the first SIGINT, SIGTERM or SIGHUP. */
  readonly promise: Promise<"interrupted">;
  /** Gives the signals back to Node's default. */
  dispose(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Listens from now on: the first signal ends the work in an orderly way, a second one ends the process at once. */
export function interruption(): Interruption {
  let stop: (() => void) | undefined;
  const promise = new Promise<"interrupted">((resolve) => {
    stop = () => {
      dispose();
      resolve("interrupted");
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
  const dispose = (): void => {
    for (const signal of SIGNALS) if (stop) process.off(signal, stop);
  };
  return { promise, dispose };
}
