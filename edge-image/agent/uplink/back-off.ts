/** Pauses between attempts to connect: doubling, and drawn anew each time, so that a plant does not come back in step. */
export interface BackOff {
  /** @returns the next pause, ms: between half and all of what the doubling has reached */
  next(): number;
  /** A connection held: begin at the first pause again. */
  reset(): void;
}

/**
 * @param bounds first and longest pause, ms
 * @param random from 0 to below 1
 */
export const createBackOff = (
  bounds: { readonly first: number; readonly longest: number },
  random: () => number = Math.random,
): BackOff => {
  let reached = bounds.first;
  return {
    next: () => {
      const pause = reached * (0.5 + random() / 2);
      reached = Math.min(reached * 2, bounds.longest);
      return Math.round(pause);
    },
    reset: () => (reached = bounds.first),
  };
};
