import { build } from "esbuild";
import { BROKER_BUNDLE, SMALL } from "../../broker/build";

/**
 * Bundles the same broker with its store in memory instead of in a folder: what the disk costs is the difference. There is
 * no such broker to run: it would acknowledge what it forgets.
 */
export async function buildMemoryBroker(outfile: string): Promise<void> {
  await build({
    ...BROKER_BUNDLE,
    ...SMALL,
    outfile,
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
