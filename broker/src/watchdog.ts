import { Worker } from "node:worker_threads";
import { LIMITS } from "./limits";

/** What the watchdog's own thread is told. */
interface Watch {
  /** The watched thread counts here. */
  readonly beats: Int32Array;
  readonly looks: number;
  readonly lookEveryMs: number;
  /** Last line of the log. */
  readonly line: string;
}

export interface WatchdogProps {
  readonly site: string;
  /** Milliseconds without a turn of the event loop after which the process ends. @default LIMITS.stuckMs */
  readonly stuckMs?: number;
}

/**
 * Ends the process when its event loop no longer turns: a thread of its own sees that the beat stands still, writes one
 * line of log and kills with SIGKILL, since nothing else gets through. It counts its own looks instead of reading a
 * clock: a laptop that slept, or a paused container, is not stuck.
 * @returns stops it.
 */
export function startWatchdog({ site, stuckMs = LIMITS.stuckMs }: WatchdogProps): () => void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const looks = 15;
  const lookEveryMs = stuckMs / looks;
  const line = JSON.stringify({ level: "fatal", site, stuckMs, event: "event-loop-stuck" });
  const watch: Watch = { beats, looks, lookEveryMs, line };
  // Its text, and not a file: the bundle is one file.
  const worker = new Worker(`(${keepWatch.toString()})(require)`, {
    eval: true,
    workerData: watch,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
    env: {},
  });
  worker.unref();
  const timer = setInterval(() => Atomics.add(beats, 0, 1), lookEveryMs / 2).unref();
  return () => {
    clearInterval(timer);
    void worker.terminate();
  };
}

/** Runs alone in the thread: it may use nothing from outside of itself. */
function keepWatch(load: NodeJS.Require): void {
  const { writeSync } = load("node:fs") as typeof import("node:fs");
  const { workerData } = load("node:worker_threads") as typeof import("node:worker_threads");
  const { beats, looks, lookEveryMs, line } = workerData as Watch;
  let seen = -1;
  let same = 0;
  setInterval(() => {
    const beat = Atomics.load(beats, 0);
    same = beat === seen ? same + 1 : 0;
    seen = beat;
    if (same < looks) return;
    try {
      const { level, ...rest } = JSON.parse(line) as Record<string, unknown>;
      writeSync(1, `${JSON.stringify({ level, ts: new Date().toISOString(), ...rest })}\n`);
    } finally {
      process.kill(process.pid, "SIGKILL");
    }
  }, lookEveryMs);
}
