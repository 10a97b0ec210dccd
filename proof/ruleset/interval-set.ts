/** Whole numbers as disjoint, ascending, closed intervals that do not touch. */
export type IntervalSet = readonly (readonly [low: bigint, high: bigint])[];

export const NONE: IntervalSet = [];

/** Numbers of so many bits. */
export const wholeOf = (bits: number): IntervalSet => [[0n, (1n << BigInt(bits)) - 1n]];

export const just = (...values: readonly (bigint | number)[]): IntervalSet =>
  union(values.map((value) => [BigInt(value), BigInt(value)] as const));

export const range = (low: bigint | number, high: bigint | number): IntervalSet =>
  BigInt(low) <= BigInt(high) ? [[BigInt(low), BigInt(high)]] : NONE;

/** Intervals in any order, overlapping or not. */
export const union = (intervals: IntervalSet): IntervalSet => {
  const merged: [bigint, bigint][] = [];
  for (const [low, high] of [...intervals].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = merged.at(-1);
    if (last !== undefined && low <= last[1] + 1n) last[1] = high > last[1] ? high : last[1];
    else merged.push([low, high]);
  }
  return merged;
};

export const intersection = (a: IntervalSet, b: IntervalSet): IntervalSet =>
  a.flatMap(([low, high]) =>
    b.flatMap(([from, to]): IntervalSet => {
      const [start, end] = [low > from ? low : from, high < to ? high : to];
      return start <= end ? [[start, end]] : [];
    }),
  );

export const difference = (a: IntervalSet, b: IntervalSet): IntervalSet =>
  b.reduce<IntervalSet>(
    (left, [from, to]) =>
      left.flatMap(([low, high]): IntervalSet => {
        if (to < low || from > high) return [[low, high]];
        return [
          ...(low < from ? ([[low, from - 1n]] as const) : []),
          ...(high > to ? ([[to + 1n, high]] as const) : []),
        ];
      }),
    a,
  );
