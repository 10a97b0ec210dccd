/**
 * Runs `task` every `intervalMs`, measured from its end: it never overlaps itself. `task` handles its own errors.
 * @returns stops it.
 */
export function poll(intervalMs: number, task: () => Promise<void>): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    timer = setTimeout(() => {
      void task().finally(() => {
        if (!stopped) next();
      });
    }, intervalMs);
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
