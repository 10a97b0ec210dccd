import { mkdir, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { version } from "../../package.json";

const ROOT = join(__dirname, "../..");

/** Where the bundle goes, from the repository's root; on the device it is `EDGE_PATHS.agent`. */
export const AGENT_BUNDLE = "dist/edge/agent.cjs";

/** Bytes: the build fails above. */
const LARGEST = 1536 * 1024;

/**
 * Bundles the agent with all its packages into one file that needs Node alone. The same sources give the same bytes on
 * every machine. Beside it lies esbuild's account of what is in it (`agent.meta.json`), for the bill of materials.
 * @returns the bundle's size in bytes.
 * @throws when it is larger than 1.5 MB, or the sources do not build.
 */
export async function buildAgent(outfile = join(ROOT, AGENT_BUNDLE)): Promise<number> {
  await mkdir(join(outfile, ".."), { recursive: true });
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: ROOT,
    entryPoints: ["edge-image/agent/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "warning",
    // ws asks for these two if they are installed; a device has neither.
    external: ["bufferutil", "utf-8-validate"],
    define: { "process.env.NODE_ENV": '"production"', AGENT_VERSION: JSON.stringify(version) },
  });
  await writeFile(outfile.replace(/\.cjs$/, ".meta.json"), JSON.stringify(metafile));
  const { size } = await stat(outfile);
  if (size > LARGEST)
    throw new Error(`${relative(ROOT, outfile)}: must be below ${LARGEST} bytes, is ${size}; a dependency grew`);
  return size;
}

if (require.main === module) {
  buildAgent(process.argv[2]).then(
    (size) => process.stdout.write(`${process.argv[2] ?? AGENT_BUNDLE}: ${(size / 1024).toFixed(0)} KiB\n`),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
