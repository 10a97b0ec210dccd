/** nft's JSON (libnftables-json(5)): one object a table, chain, set, rule or element. */
export interface NftRuleset {
  readonly nftables: readonly Readonly<Record<string, Record<string, unknown>>>[];
}

/** What changes while the same rules are in force: numbers that the kernel gives, what was counted, addresses of the day. */
const PASSING = new Set(["handle", "elem", "packets", "bytes", "index"]);

/** A ruleset as lines that are equal when the rules are: for comparing what is loaded with what should be. */
export const normalRuleset = (ruleset: NftRuleset): string[] =>
  ruleset.nftables.filter((entry) => entry["metainfo"] === undefined).map((entry) => JSON.stringify(normal(entry)));

const normal = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !PASSING.has(key));
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, normal(inner)]));
};

/** @returns what is loaded and should not be, and what should be loaded and is not */
export const rulesetDifferences = (expected: NftRuleset, loaded: NftRuleset) => {
  const [wanted, got] = [normalRuleset(expected), normalRuleset(loaded)];
  return {
    missing: wanted.filter((line) => !got.includes(line)),
    extra: got.filter((line) => !wanted.includes(line)),
    // The same rules in another order are other rules.
    reordered:
      wanted.length === got.length && wanted.every((line) => got.includes(line)) && wanted.join() !== got.join(),
  };
};
