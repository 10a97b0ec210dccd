import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Which core runs what: both brokers share one, so that neither has the quieter neighbour. */
export interface Cores {
  readonly broker: number;
  /** The load generator and everything else of the bench. */
  readonly generator: number;
}

/**
 * Takes the first two cores that this process may use, and moves this process to the generator's.
 * @throws with fewer than two: the generator would take the broker's time.
 */
export function takeCores(): Cores {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  const allowed = list.split(",").flatMap((part) => {
    const [first = NaN, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  const [broker, generator] = allowed;
  if (broker === undefined || generator === undefined) {
    throw new Error(`the bench needs two cores, one for the broker and one for its load; it may use '${list}'`);
  }
  spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(generator), String(process.pid)]);
  return { broker, generator };
}
