import { stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { copyPrebuilds } from "./copy-prebuilds";

const ROOT = join(__dirname, "..");

/** Where the bundle goes, from the repository's root. */
export const BUNDLE = "dist/broker.cjs";

/** Where esbuild's account of what is in a bundle lies: beside it. */
export const metafileOf = (bundle: string): string => bundle.replace(/\.cjs$/, ".meta.json");

/** Bytes: `npm run build` fails above. */
const LARGEST = 3 * 1024 * 1024;

/** What every bundle of the broker shares: the container's, and those that a bench or a test varies. */
export const BROKER_BUNDLE = {
  absWorkingDir: ROOT,
  entryPoints: ["broker/src/main.ts"],
  bundle: true,
  platform: "node",
  // The container runs Node 24; 20 lets the same file be tried with the oldest Node the kit supports.
  target: "node20",
  format: "cjs",
  logLevel: "warning",
  define: { "process.env.NODE_ENV": '"production"' },
} as const satisfies BuildOptions;

/**
 * What makes it small. Names stay as written, for stack traces: `keepNames` with shorter ones would define each closure's name
 * anew at run time, also once a message (measured: up to half of the CPU per delivery).
 */
export const SMALL = {
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
} as const satisfies BuildOptions;

/**
 * Bundles the broker with all its packages into one file that needs Node alone, and the native module beside it. The same sources give the same bytes on
 * every machine: nothing of the machine, and no time, gets in.
 * @returns the bundle's size in bytes.
 * @throws when it is larger than 3 MB, or the sources do not build.
 */
export async function buildBroker(outfile = join(ROOT, BUNDLE)): Promise<number> {
  await copyPrebuilds(dirname(outfile));
  const { metafile } = await build({ ...BROKER_BUNDLE, ...SMALL, metafile: true, outfile });
  // Which packages are in the bundle: the image's bill of materials is made from it.
  await writeFile(metafileOf(outfile), JSON.stringify(metafile));
  const { size } = await stat(outfile);
  if (size > LARGEST)
    throw new Error(`${relative(ROOT, outfile)}: must be below ${LARGEST} bytes, is ${size}; a dependency grew`);
  return size;
}

if (require.main === module) {
  buildBroker().then(
    (size) => process.stdout.write(`${BUNDLE}: ${(size / 1024).toFixed(0)} KiB\n`),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
