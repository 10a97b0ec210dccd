import { build } from "esbuild";
import { join } from "node:path";

/** Bundles the broker as `npm run build` does, but readable: the profiler knows functions by the names in the file. */
export async function buildReadableBundle(outfile: string): Promise<void> {
  await build({
    absWorkingDir: join(__dirname, "../.."),
    entryPoints: ["broker/src/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    logLevel: "warning",
    define: { "process.env.NODE_ENV": '"production"' },
  });
}
