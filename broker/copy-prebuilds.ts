import { cp, mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Node's names for what the container runs on. */
export const CONTAINER_PREBUILDS = ["linux-x64", "linux-arm64"] as const;

/**
 * Lays LevelDB's native module, as its package ships it, beside a bundle: compiled for the container's two platforms, for
 * glibc, and for this machine's if that is another one. The bundle finds it there by itself.
 * @param folder where the bundle is; made if it is not there.
 */
export async function copyPrebuilds(folder: string): Promise<void> {
  const from = join(dirname(require.resolve("classic-level/package.json")), "prebuilds");
  const to = join(folder, "prebuilds");
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const own = `${process.platform}-${process.arch}`;
  const isWanted = (name: string): boolean =>
    name.endsWith(".node")
      ? !name.includes(".musl.")
      : CONTAINER_PREBUILDS.some((platform) => platform === name) || sameMachine(name, own);
  await cp(from, to, { recursive: true, filter: (path) => path === from || isWanted(basename(path)) });
}

/** `darwin-x64+arm64` is for both. */
function sameMachine(name: string, own: string): boolean {
  const [platform, processors = ""] = name.split("-");
  return processors.split("+").some((processor) => `${platform}-${processor}` === own);
}
