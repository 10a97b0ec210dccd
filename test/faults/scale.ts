const isFull = process.env["DMZ_FAULTS"] === "full";

/** How much a run does. */
export const SCALE = {
  isFull,
  /** Times that the active task is killed. */
  kills: isFull ? 50 : 4,
  /** Times that two tasks are started at once. */
  starts: isFull ? 30 : 4,
} as const;
