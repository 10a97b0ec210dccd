import { matches, topicFault } from "./topic-filter";

/**
 * A topic that `filter` matches and none of `others` does; undefined if there is none, that is, if the others together
 * cover the filter. Exact: a level that no filter spells stands for all levels that are matched by a wildcard alone, and
 * beyond the longest of the others one more level stands for all further ones.
 */
export const topicOutside = (filter: string, others: readonly string[]): string | undefined => {
  const spelt = new Set([filter, ...others].flatMap((text) => text.split("/")));
  let fresh = "x";
  while (spelt.has(fresh)) fresh += "x";
  const levels = filter.split("/");
  const rest = levels.at(-1) === "#";
  const fixed = (rest ? levels.slice(0, -1) : levels).map((level) => (level === "+" ? fresh : level));
  const longest = Math.max(fixed.length, ...others.map((other) => other.split("/").length)) + 1;
  for (let length = fixed.length; length <= (rest ? longest : fixed.length); length++) {
    const topic = [...fixed, ...Array.from({ length: length - fixed.length }, () => fresh)].join("/");
    if (topicFault(topic) === undefined && !others.some((other) => matches(other, topic))) return topic;
  }
  return undefined;
};
