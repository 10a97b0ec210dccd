import { build } from "esbuild";

/**
 * Bundles the same broker with its store in memory instead of in a folder: what the disk costs is the difference. There is
 * no such broker to run: it would acknowledge what it forgets.
 */
export async function buildMemoryBroker(outfile: string): Promise<void> {
  await build({
    entryPoints: [require.resolve("../../broker/src/main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "warning",
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [
      {
        name: "store in memory",
        setup: ({ onResolve }) => {
          onResolve({ filter: /\/folder-store$/ }, () => ({ path: require.resolve("./memory-store.ts") }));
        },
      },
    ],
  });
}
