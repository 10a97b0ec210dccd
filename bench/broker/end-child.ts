import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

const PATIENCE_MS = 15_000;

/** Ends a process that this bench started and waits until it is gone; one that does not obey is killed. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  const kill = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await gone;
  clearTimeout(kill);
}
