import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "./limits";

/**
 * Ends connections in batches with jittered pauses between them: their clients all come back at once, and a handshake is
 * what a connection costs. A pause begins when the batch before it has ended, so that a busy task does not end two at once.
 * @param ends one for each connection.
 * @param random 0 (included) to 1 (excluded).
 */
export async function closeInBatches(ends: readonly (() => void)[], random: () => number): Promise<void> {
  const { closingBatch, closingPauseMs } = LIMITS;
  for (let from = 0; from < ends.length; from += closingBatch) {
    if (from > 0) await sleep(closingPauseMs * (0.5 + random()));
    for (const end of ends.slice(from, from + closingBatch)) end();
  }
}
