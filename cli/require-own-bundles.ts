import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { bundleTarget, type BundleTarget } from "./bundle-target";
import { CommandError } from "./command-error";

/**
 * A start replaces the bundles that its broker would not accept, and `--fresh` removes all: those of another broker,
 * such as a deployed one's, must not be among them, since their keys exist nowhere else.
 * @param clients folder of the bundles; it may be missing
 * @throws CommandError naming a bundle that is for another site or another host
 */
export async function requireOwnBundles(clients: string, own: BundleTarget): Promise<void> {
  const names = await readdir(clients).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names.sort()) {
    const target = await bundleTarget(join(clients, name));
    if (target === undefined || (target.site === own.site && target.host === own.host)) continue;
    throw new CommandError(
      `${join(clients, name)}: this bundle is for site '${target.site}' at ${target.host}, not for '${own.site}' at ${own.host}`,
      "choose another folder with --dir",
    );
  }
}
