/** A signal that aborts with its parent or by itself, and leaves nothing on a parent that lives as long as the process. */
export interface ChildSignal {
  readonly signal: AbortSignal;
  readonly abort: () => void;
  /** To be called when it is of no more use. */
  readonly release: () => void;
}

export const childSignal = (parent: AbortSignal): ChildSignal => {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (parent.aborted) abort();
  else parent.addEventListener("abort", abort, { once: true });
  return { signal: controller.signal, abort, release: () => parent.removeEventListener("abort", abort) };
};
