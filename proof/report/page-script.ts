import { join } from "node:path";
import { buildSync } from "esbuild";

/**
 * The page's script as one classic script, with the topic algebra of the broker itself.
 * @throws Error when this kit's own sources do not build
 */
export function pageScript(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, "page", "main.ts")],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2020",
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}
