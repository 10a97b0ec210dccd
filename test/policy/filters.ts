import fc from "fast-check";

/** Few and short levels, so that filters meet often; the empty level and `$` are where implementations differ. */
const LEVELS = ["", "a", "b", "$a"];

/** Every text of one to `depth` of these levels, but the empty one. */
const upTo = (depth: number, levels: readonly string[]): readonly string[] => {
  let last = levels;
  const all = [...levels];
  for (let length = 2; length <= depth; length++) {
    last = last.flatMap((start) => levels.map((level) => `${start}/${level}`));
    all.push(...last);
  }
  return all.filter((text) => text !== "");
};

/** Every topic of one to four levels over `LEVELS`. */
export const allTopics = upTo(4, LEVELS);

const plain = upTo(3, [...LEVELS, "+"]);
/** Every filter of one to three levels over `LEVELS` and `+`, with and without a `#` behind. */
export const allFilters: readonly string[] = ["#", "/#", ...plain, ...plain.map((text) => `${text}/#`)];

export const topic = fc
  .array(fc.constantFrom(...LEVELS), { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join("/"))
  .filter((text) => text !== "");

/** Valid filters of up to three levels and perhaps a `#`: what `allTopics` can tell apart. */
export const filter = fc
  .tuple(fc.array(fc.constantFrom(...LEVELS, "+", "+"), { maxLength: 3 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ["#"] : [])].join("/"))
  .filter((text) => text !== "");

/** Section 4.7 of MQTT 3.1.1 again, written as plainly as it reads: level by level, by recursion. */
export const naiveMatches = (filterText: string, topicText: string): boolean => {
  const walk = (filterLevels: readonly string[], topicLevels: readonly string[]): boolean => {
    const [wanted, ...restOfFilter] = filterLevels;
    if (wanted === "#") return true;
    const [level, ...restOfTopic] = topicLevels;
    if (wanted === undefined || level === undefined) return wanted === undefined && level === undefined;
    return (wanted === "+" || wanted === level) && walk(restOfFilter, restOfTopic);
  };
  if (topicText.startsWith("$") && /^[+#]/.test(filterText)) return false;
  return walk(filterText.split("/"), topicText.split("/"));
};
