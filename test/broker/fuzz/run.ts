import fc from "fast-check";
import { byteStreams } from "./byte-streams";
import { startTarget, type Target } from "./target";

/** `npm run fuzz [-- <streams>]`: prints what became of them and whether memory came back. */
const STREAMS = Number(process.argv[2] ?? 50_000);
/** Played before memory is first measured: caches fill, code is compiled. */
const WARM_UP = Math.min(5_000, STREAMS);
const GROWTH = 0.05;

/** Bytes in use after everything that can go has gone. */
async function used(): Promise<number> {
  if (!global.gc) throw new Error("start it with 'node --expose-gc', as 'npm run fuzz' does");
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    global.gc();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const play = (target: Target, numRuns: number): Promise<void> =>
  fc.assert(fc.asyncProperty(byteStreams(target.who), target.feed), { numRuns });

async function main(): Promise<void> {
  const target = await startTarget();
  await play(target, WARM_UP);
  const before = await used();
  const started = performance.now();
  await play(target, STREAMS);
  const seconds = (performance.now() - started) / 1000;
  const after = await used();
  const growth = after / before - 1;
  const ends = [...target.ends].sort(([, a], [, b]) => b - a);
  for (const [end, count] of ends) console.log(`${String(count).padStart(8)}  ${end}`);
  console.log(`${STREAMS} streams in ${seconds.toFixed(0)} s: no crash, no hang`);
  console.log(
    `memory: ${(before / 2 ** 20).toFixed(1)} MiB before, ${(after / 2 ** 20).toFixed(1)} MiB after (${(growth * 100).toFixed(1)} %)`,
  );
  await target.close();
  if (growth > GROWTH) throw new Error(`memory grew by more than ${GROWTH * 100} %`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
