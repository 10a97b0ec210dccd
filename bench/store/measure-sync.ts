import { open } from "node:fs/promises";
import { join } from "node:path";

const TIMES = 200;

/** Milliseconds that this disk takes to sync 4 KiB behind a file's end: median and 99th of a hundred. */
export async function measureSync(folder: string): Promise<{ readonly p50: number; readonly p99: number }> {
  const file = await open(join(folder, "sync"), "w");
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    await file.write(Buffer.alloc(4_096, i));
    const begun = performance.now();
    await file.datasync();
    times.push(performance.now() - begun);
  }
  await file.close();
  times.sort((a, b) => a - b);
  return { p50: times[TIMES / 2]!, p99: times[Math.floor(TIMES * 0.99)]! };
}
