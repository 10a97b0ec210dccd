import { createRequire } from "node:module";
import { join } from "node:path";

/** Bundles one of the device's programs into one file for Node: the same sources give the same bytes. */
export async function buildBundle(entry: string): Promise<Buffer> {
  // Loaded here: no other command needs it. By require: the TypeScript loader hooks that, not import().
  const { build } = createRequire(__filename)("esbuild") as typeof import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: join(__dirname, "../.."),
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    write: false,
    logLevel: "silent",
  });
  return Buffer.from(outputFiles[0]!.contents);
}
