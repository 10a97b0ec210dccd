import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./median";

export interface Synthesis {
  /** Wall-clock time of a whole process, start to end: the fastest run, since a busy neighbour only ever adds. */
  readonly seconds: number;
  /** The same, median of all runs. */
  readonly median: number;
  readonly resources: number;
  /** Size of cdk.tf.json. */
  readonly bytes: number;
}

const RUNS = 5;
const TSX = createRequire(__filename).resolve("tsx/cli");

/** Synthesizes a site in processes of its own, one after the other, after one run that warms the disk's cache. */
export function measureSynthesis(site: "small" | "ten-thousand"): Synthesis {
  const folder = mkdtempSync(join(tmpdir(), "dmz-bench-"));
  try {
    const run = (): number => {
      const started = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [TSX, join(__dirname, "synthesize.ts"), site], {
        env: { ...process.env, CDKTF_OUTDIR: folder },
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`synthesis of ${site} ended with ${status}: ${stderr}`);
      return (performance.now() - started) / 1000;
    };
    run();
    const runs = Array.from({ length: RUNS }, run);
    const text = readFileSync(join(folder, "stacks/site/cdk.tf.json"), "utf8");
    const { resource } = JSON.parse(text) as { resource: Record<string, object> };
    const resources = Object.values(resource).reduce((count, ofType) => count + Object.keys(ofType).length, 0);
    return { seconds: Math.min(...runs), median: median(runs), resources, bytes: Buffer.byteLength(text) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
