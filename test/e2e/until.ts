import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits for a condition of another process that announces nothing: asks every 50 ms until it holds.
 * @param what completes "waited 10 s for ...".
 * @param deadline milliseconds.
 * @returns the first value that is neither undefined, null nor false.
 * @throws when the deadline passes, or whatever `condition` throws.
 */
export async function until<T>(
  what: string,
  deadline: number,
  condition: () => Promise<T | undefined | null | false> | T | undefined | null | false,
): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${Math.round(deadline / 1000)} s for ${what}, in vain`);
    await delay(50);
  }
}
