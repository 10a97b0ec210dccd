/** What became of numbered messages. */
export interface Account {
  /** Accepted by the agent and never received. */
  readonly lost: readonly number[];
  /** Received more than once: at least once is what QoS 1 promises. */
  readonly duplicates: number;
  /** Places where a number came that is below one that came first before: first receipts must be in order. */
  readonly disorder: readonly number[];
}

/**
 * Accounts for every message: `accepted` are the numbers that the agent acknowledged to its application, `received` those
 * that came out at the broker, in order of arrival.
 */
export function account(accepted: Iterable<number>, received: readonly number[]): Account {
  const seen = new Set<number>();
  const disorder: number[] = [];
  let highest = -Infinity;
  let duplicates = 0;
  for (const number of received) {
    if (seen.has(number)) {
      duplicates++;
      continue;
    }
    seen.add(number);
    if (number < highest) disorder.push(number);
    highest = Math.max(highest, number);
  }
  return { lost: [...accepted].filter((number) => !seen.has(number)), duplicates, disorder };
}
