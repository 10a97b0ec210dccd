import { FILES, type Files } from "../../../broker/src/store/files";

/** The process ends here: nothing behind this call happens. */
export class Crash extends Error {}

/** Counts calls to a file system, and ends at one of them: before it, so that every moment between two steps is met. */
export function crashingFiles(at: number): { readonly files: Files; readonly calls: () => number } {
  let calls = 0;
  const files = Object.fromEntries(
    Object.entries(FILES).map(([name, call]) => [
      name,
      (...values: unknown[]): unknown => {
        calls += 1;
        // From there on, also a clean-up does nothing any more.
        if (calls >= at) return Promise.reject(new Crash(name));
        return (call as (...args: unknown[]) => unknown)(...values);
      },
    ]),
  ) as unknown as Files;
  return { files, calls: () => calls };
}
