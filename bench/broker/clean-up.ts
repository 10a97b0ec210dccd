type Step = () => void | Promise<void>;

const steps: Step[] = [];
let interrupted = false;

export const wasInterrupted = (): boolean => interrupted;

/** What must not outlive the bench, whether it ends well, fails or is interrupted. Last in, first out. */
export function atEnd(step: Step): void {
  steps.push(step);
}

/** Runs every step, also when one fails. */
export async function cleanUp(): Promise<void> {
  for (let step = steps.pop(); step; step = steps.pop()) {
    try {
      await step();
    } catch (error) {
      process.stderr.write(`while cleaning up: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  }
}

/** Ctrl-C and SIGTERM clean up and end the process. */
export function cleanUpOnSignals(): void {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.once(signal, () => {
      interrupted = true;
      void cleanUp().finally(() => process.exit(code));
    });
  }
}
