/**
 * The candidate that the user most likely meant: at most two in five of its letters differ.
 * @returns undefined when none is near enough to be a slip of the hand
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  return candidates
    .map((candidate) => ({ candidate, slips: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, slips }) => slips <= Math.max(1, Math.floor(candidate.length * 0.4)))
    .sort((a, b) => a.slips - b.slips)[0]?.candidate;
}

/** Levenshtein's distance: how many letters to insert, drop or replace. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [above, letter] of [...from].entries()) {
    const next = [above + 1];
    for (let column = 1; column <= to.length; column++) {
      next.push(
        Math.min(row[column]! + 1, next[column - 1]! + 1, row[column - 1]! + (letter === to[column - 1] ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[to.length]!;
}
