import type { Logger } from "./logger";
import type { Material } from "./material";

/** How often the log says what is still waited for, in milliseconds. */
const SAY_EVERY_MS = 10_000;

/**
 * Waits until `enough`, saying at once and every ten seconds what is missing, for how long, and what brings it.
 * @throws the signal's reason when it is aborted first.
 */
export async function waitForMaterial(
  material: Material,
  log: Logger,
  enough: () => boolean,
  signal?: AbortSignal,
): Promise<void> {
  if (enough()) return;
  const since = performance.now();
  const say = (): void =>
    log.info({ missing: material.missing, seconds: Math.round((performance.now() - since) / 1000) }, "waiting");
  say();
  const timer = setInterval(say, SAY_EVERY_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (enough()) finish(resolve);
      };
      const abort = (): void => finish(() => reject(signal?.reason as Error));
      const finish = (settle: () => void): void => {
        material.off("certificate", look);
        material.off("identities", look);
        signal?.removeEventListener("abort", abort);
        settle();
      };
      material.on("certificate", look);
      material.on("identities", look);
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
    });
  } finally {
    clearInterval(timer);
  }
  log.info({ seconds: Math.round((performance.now() - since) / 1000) }, "waited");
}
