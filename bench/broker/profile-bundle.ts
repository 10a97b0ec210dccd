import { build } from "esbuild";
import { BROKER_BUNDLE } from "../../broker/build";

/** Bundles the broker as `npm run build` does, but readable: the profiler knows functions by the names in the file. */
export async function buildReadableBundle(outfile: string): Promise<void> {
  await build({ ...BROKER_BUNDLE, outfile });
}
