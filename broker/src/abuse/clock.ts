/** Milliseconds of a monotonic clock: `performance.now`, or a test's own. */
export type Clock = () => number;
