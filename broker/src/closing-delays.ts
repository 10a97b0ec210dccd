import { LIMITS } from "./limits";

/**
 * When each of so many connections ends, in milliseconds from now: in batches with jittered pauses between them. (Their
 * clients all come back at once, and a handshake is what a connection costs.)
 * @param random 0 (included) to 1 (excluded).
 */
export function closingDelays(count: number, random: () => number): readonly number[] {
  const { closingBatch, closingPauseMs } = LIMITS;
  const delays: number[] = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    if (i > 0 && i % closingBatch === 0) at += closingPauseMs * (0.5 + random());
    delays.push(at);
  }
  return delays;
}
