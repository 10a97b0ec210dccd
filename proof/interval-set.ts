/** Both ends belong to it. */
export type Interval = readonly [from: bigint, to: bigint];

/** A set of whole numbers as sorted intervals that neither touch nor overlap. Immutable. */
export class IntervalSet {
  static readonly EMPTY = new IntervalSet([]);

  private constructor(readonly intervals: readonly Interval[]) {}

  static of(...intervals: readonly Interval[]): IntervalSet {
    const sorted = intervals
      .filter(([from, to]) => from <= to)
      .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
    const merged: [bigint, bigint][] = [];
    for (const [from, to] of sorted) {
      const last = merged.at(-1);
      if (last && from <= last[1] + 1n) {
        if (to > last[1]) last[1] = to;
      } else merged.push([from, to]);
    }
    return merged.length === 0 ? IntervalSet.EMPTY : new IntervalSet(merged);
  }

  /** Whole numbers as they come. */
  static ofNumbers(...ranges: readonly (readonly [from: number, to: number])[]): IntervalSet {
    return IntervalSet.of(...ranges.map(([from, to]) => [BigInt(from), BigInt(to)] as const));
  }

  static just(...values: readonly (bigint | number)[]): IntervalSet {
    return IntervalSet.of(...values.map((value) => [BigInt(value), BigInt(value)] as const));
  }

  /** Empty if the ends are the wrong way round. */
  static range(from: bigint | number, to: bigint | number): IntervalSet {
    return IntervalSet.of([BigInt(from), BigInt(to)]);
  }

  /** All numbers of so many bits. */
  static ofBits(bits: number): IntervalSet {
    return IntervalSet.of([0n, (1n << BigInt(bits)) - 1n]);
  }

  get isEmpty(): boolean {
    return this.intervals.length === 0;
  }

  get lowest(): bigint | undefined {
    return this.intervals[0]?.[0];
  }

  get highest(): bigint | undefined {
    return this.intervals.at(-1)?.[1];
  }

  has(value: bigint): boolean {
    return this.intervals.some(([from, to]) => from <= value && value <= to);
  }

  /** Whether every one of the other's is here. */
  covers(other: IntervalSet): boolean {
    return other.subtract(this).isEmpty;
  }

  union(other: IntervalSet): IntervalSet {
    if (this.isEmpty) return other;
    return other.isEmpty ? this : IntervalSet.of(...this.intervals, ...other.intervals);
  }

  intersect(other: IntervalSet): IntervalSet {
    if (this === other) return this;
    const found: Interval[] = [];
    let mine = 0;
    let theirs = 0;
    while (mine < this.intervals.length && theirs < other.intervals.length) {
      const [from, to] = this.intervals[mine]!;
      const [start, end] = other.intervals[theirs]!;
      const low = from > start ? from : start;
      const high = to < end ? to : end;
      if (low <= high) found.push([low, high]);
      if (to < end) mine++;
      else theirs++;
    }
    // Parts of sorted, separate intervals are sorted and separate.
    return found.length === 0 ? IntervalSet.EMPTY : new IntervalSet(found);
  }

  subtract(other: IntervalSet): IntervalSet {
    if (this.isEmpty || other.isEmpty) return this;
    const left: Interval[] = [];
    for (const [from, to] of this.intervals) {
      let start = from;
      for (const [low, high] of other.intervals) {
        if (high < start) continue;
        if (low > to) break;
        if (low > start) left.push([start, low - 1n]);
        start = high + 1n;
      }
      if (start <= to) left.push([start, to]);
    }
    return left.length === 0 ? IntervalSet.EMPTY : new IntervalSet(left);
  }
}
