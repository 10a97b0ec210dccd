/** Levenshtein distance, one row at a time. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced));
    }
    row = next;
  }
  return row[b.length]!;
};

/** The word that was probably meant, or undefined when none is near: a third of its letters may be wrong. */
export const nearest = (text: unknown, words: readonly string[]): string | undefined => {
  if (typeof text !== "string" || text.length > 64) return undefined;
  const typed = text.toLowerCase();
  const ranked = words.map((word) => ({ word, distance: distance(typed, word.toLowerCase()) }));
  const best = ranked.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= Math.ceil(best.word.length / 3) ? best.word : undefined;
};
