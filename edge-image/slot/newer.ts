/** Is version `a` newer than `b`? Whole numbers with dots, compared number by number: 1.10.0 is newer than 1.9.3. */
export const isNewer = (a: string, b: string): boolean => {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let at = 0; at < Math.max(left!.length, right!.length); at += 1) {
    const [one = 0, other = 0] = [left![at], right![at]];
    if (one !== other) return one > other;
  }
  return false;
};
