import type { Lease } from "./lease";
import { LIMITS } from "./limits";
import type { Logger } from "./logger";
import { poll } from "./poll";

export interface WatchHolderProps {
  readonly lease: Pick<Lease, "epoch" | "holder">;
  readonly log: Logger;
  /** Milliseconds. @default LIMITS */
  readonly times?: { readonly noHolderMs: number; readonly holderProbeMs: number };
}

/**
 * Says, again and again, that as far as this task knows nobody holds the lease: a failover has long been over by then, and
 * no client of the site is served. An alarm stands on the line.
 * @returns stops it.
 */
export function watchHolder({ lease, log, times = LIMITS }: WatchHolderProps): () => void {
  let since: number | undefined;
  return poll(times.holderProbeMs, () => {
    if (lease.epoch !== undefined || lease.holder) since = undefined;
    else since ??= performance.now();
    const ms = since === undefined ? 0 : performance.now() - since;
    if (ms >= times.noHolderMs) log.error({ seconds: Math.round(ms / 1000) }, "no-active-task");
    return Promise.resolve();
  });
}
