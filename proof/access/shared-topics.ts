import { intersects } from "../../policy/topic-filter";
import type { FilterTrie, Grant } from "./filter-trie";

/** Two grants of different identities, and a topic that both reach. */
export interface SharedTopic {
  readonly left: Grant;
  readonly right: Grant;
  readonly witness: string;
}

export interface SharedTopics {
  /** Complete when below `limit`: then there is no other pair of identities. */
  readonly found: readonly SharedTopic[];
  /** The walk was given up: wildcards before the names make it too long. */
  readonly gaveUp: boolean;
}

/** Ten thousand identities with nine filters each visit some 400,000 pairs of nodes. */
const MOST_PAIRS = 20_000_000;

/**
 * Topics that a filter of one identity on the left and a filter of another on the right both match. Walks both tries at
 * once, visiting only pairs of nodes that stand for a common topic: filters that share no topic cost nothing beyond
 * their common beginning, so the cost grows with identities and not with their pairs.
 *
 * @param limit how many pairs of identities are enough.
 */
export const sharedTopics = (left: FilterTrie, right: FilterTrie, limit: number): SharedTopics => {
  const found = new Map<string, SharedTopic>();
  let pairs = 0;

  const emit = (xs: readonly Grant[], ys: readonly Grant[]): void => {
    for (const x of xs)
      for (const y of ys) {
        if (x.owner === y.owner) continue;
        const key = [x.owner, y.owner].sort((a, b) => a - b).join(" ");
        if (found.has(key)) continue;
        // Two filters near the length limit may share only topics that are too long to exist.
        const witness = intersects(x.filter, y.filter);
        if (witness === undefined) continue;
        found.set(key, { left: x, right: y, witness });
        return;
      }
  };

  const walk = (x: FilterTrie, y: FilterTrie, depth: number): void => {
    if (found.size >= limit || pairs > MOST_PAIRS) return;
    pairs += 1;
    emit(x.ends, y.ends);
    emit(x.hashes, y.all);
    emit(x.all, y.hashes);
    const [few, many, fewIsLeft] = x.literals.size <= y.literals.size ? [x, y, true] : [y, x, false];
    for (const [level, next] of few.literals) {
      const other = many.literals.get(level);
      if (other !== undefined) walk(fewIsLeft ? next : other, fewIsLeft ? other : next, depth + 1);
    }
    // A leading wildcard matches no topic that begins with `$` [MQTT-4.7.2-1].
    const reached = (level: string): boolean => depth > 0 || !level.startsWith("$");
    if (x.plus !== undefined) {
      if (y.plus !== undefined) walk(x.plus, y.plus, depth + 1);
      for (const [level, next] of y.literals) if (reached(level)) walk(x.plus, next, depth + 1);
    }
    if (y.plus !== undefined) for (const [level, next] of x.literals) if (reached(level)) walk(next, y.plus, depth + 1);
  };

  walk(left, right, 0);
  return { found: [...found.values()].slice(0, limit), gaveUp: pairs > MOST_PAIRS };
};
