import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBroker } from "../broker/build";
import { measureStart } from "./measure-start";
import { measureSynthesis, type Synthesis } from "./measure-synthesis";
import { median } from "./median";

/** One figure that the project promises. */
interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "s" | "resources" | "MB";
  readonly atMost: number;
}

/**
 * `npm run bench:synth [-- --json]`: measures what the README promises, in processes of their own, and exits 1 when a
 * figure is missed. Judged by the fastest synthesis and the median start; medians are printed too.
 */
async function main(): Promise<void> {
  const small = measureSynthesis("small");
  const large = measureSynthesis("ten-thousand");
  const starts: number[] = [];
  for (let run = 0; run < 3; run++) starts.push(await measureStart());
  const figures: readonly Figure[] = [
    { what: "synthesis of the small site", value: small.seconds, unit: "s", atMost: 2 },
    { what: "more with 10,000 devices", value: large.seconds - small.seconds, unit: "s", atMost: 1 },
    { what: "more with 10,000 devices", value: large.resources - small.resources, unit: "resources", atMost: 80 },
    { what: "bundled broker", value: (await bundleBytes()) / 1e6, unit: "MB", atMost: 3 },
    { what: "npm start until MQTT is accepted", value: median(starts), unit: "s", atMost: 5 },
  ];
  const missed = figures.filter((figure) => figure.value > figure.atMost);
  if (process.argv.includes("--json")) console.log(JSON.stringify({ figures, small, large }, undefined, 2));
  else {
    console.log(describe("small site", small));
    console.log(describe("10,000 devices", large));
    for (const figure of figures) console.log(line(figure));
  }
  process.exitCode = missed.length > 0 ? 1 : 0;
}

const describe = (what: string, { resources, bytes, median: seconds }: Synthesis): string =>
  `${what}: ${resources} resources, cdk.tf.json ${Math.ceil(bytes / 1024)} KiB, median ${seconds.toFixed(2)} s`;

const line = ({ what, value, unit, atMost }: Figure): string =>
  `${value > atMost ? "MISSED" : "ok    "}  ${what}: ${Number(value.toFixed(2))} ${unit} (at most ${atMost})`;

async function bundleBytes(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "dmz-bench-bundle-"));
  try {
    return await buildBroker(join(folder, "broker.cjs"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void main();
