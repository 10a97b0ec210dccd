import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./median";

const ROOT = join(__dirname, "..");
const TSX = createRequire(__filename).resolve("tsx/cli");
const DMZ = join(ROOT, "cli/dmz.js");

interface Figure {
  readonly what: string;
  /** Seconds of a whole process: the fastest run, since a busy neighbour only ever adds. */
  readonly seconds: number;
  readonly median: number;
  readonly atMost: number;
}

/**
 * `npm run bench:prove`: what the prover takes from a command line to its answer, in processes of their own. Exits 1 when
 * a figure is missed, and writes bench/results/prove.json.
 */
function main(): void {
  const work = mkdtempSync(join(tmpdir(), "dmz-bench-prove-"));
  try {
    const small = synthesized(work, "small", [riverside("riverside")]);
    const large = synthesized(work, "large", [
      `import { tenThousandDevices } from "${ROOT}/test/sites/ten-thousand";\nexport default tenThousandDevices();\n`,
    ]);
    const fifty = synthesized(
      work,
      "fifty",
      Array.from({ length: 50 }, (_, index) => riverside(`plant-${index}`)),
    );
    const figures: readonly Figure[] = [
      measure("small site", 1.5, 5, ["prove", "riverside", ...small]),
      measure("10,000 identities", 5, 5, ["prove", "ten-thousand", ...large]),
      measure("50 sites", 20, 3, ["prove", ...fifty]),
      measure("review between two commits", 15, 3, ["review", "--base", "HEAD~1", "--head", "HEAD"]),
    ];
    for (const { what, seconds, median: middle, atMost } of figures)
      console.log(
        `${seconds > atMost ? "MISSED" : "ok    "}  ${what}: ${seconds.toFixed(2)} s, median ${middle.toFixed(2)} s (at most ${atMost})`,
      );
    const machine = {
      node: process.version,
      load: loadavg()[0]!.toFixed(1),
      date: new Date().toISOString().slice(0, 10),
    };
    writeFileSync(join(ROOT, "bench/results/prove.json"), `${JSON.stringify({ machine, figures }, undefined, 2)}\n`);
    process.exitCode = figures.some(({ seconds, atMost }) => seconds > atMost) ? 1 : 0;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The sample site's file under another name, from wherever it lies. */
const riverside = (name: string): string =>
  readFileSync(join(ROOT, "sites/riverside.ts"), "utf8")
    .replaceAll('"../', `"${ROOT}/`)
    .replace('name: "riverside"', `name: "${name}"`);

/** @returns options of `dmz prove` for what the site files declare. */
function synthesized(work: string, kind: string, files: readonly string[]): string[] {
  const [sites, out] = [join(work, kind, "sites"), join(work, kind, "out")];
  mkdirSync(sites, { recursive: true });
  for (const [index, text] of files.entries()) writeFileSync(join(sites, `site-${index}.ts`), text);
  run([TSX, join(__dirname, "synthesize-sites.ts"), sites, out]);
  return ["--synth", out, "--sites", sites];
}

function measure(what: string, atMost: number, runs: number, args: readonly string[]): Figure {
  const taken = Array.from({ length: runs }, () => run([DMZ, ...args]));
  return { what, seconds: Math.min(...taken), median: median(taken), atMost };
}

/** @returns seconds. @throws with what it said unless it ends with 0 */
function run(args: readonly string[]): number {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}:\n${stderr}${stdout.slice(-2000)}`);
  return (performance.now() - started) / 1000;
}

main();
