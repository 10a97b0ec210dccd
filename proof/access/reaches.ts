import { levelsOf, type FilterTrie } from "./filter-trie";

/** Does a filter share a topic with one in the trie that is not `owner`'s? Stops at the first. */
export const reaches = (trie: FilterTrie, filter: string, owner: number): boolean => {
  const levels = levelsOf(filter);
  const others = (grants: FilterTrie["all"]): boolean => grants.some((grant) => grant.owner !== owner);
  const walk = (node: FilterTrie, depth: number): boolean => {
    if (!others(node.all)) return false;
    if (others(node.hashes)) return true;
    const level = levels[depth];
    if (level === undefined) return others(node.ends);
    if (level === "#" && depth === levels.length - 1) return true;
    if (node.plus !== undefined && !(depth === 0 && level.startsWith("$")) && walk(node.plus, depth + 1)) return true;
    if (level !== "+") {
      const next = node.literals.get(level);
      return next !== undefined && walk(next, depth + 1);
    }
    for (const [literal, next] of node.literals)
      if (!(depth === 0 && literal.startsWith("$")) && walk(next, depth + 1)) return true;
    return false;
  };
  return walk(trie, 0);
};
