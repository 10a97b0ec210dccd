import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { runTool, ToolFailed } from "../image/run-tool";

/**
 * Writes the tree of a commit into a new folder and lends it this kit's installed dependencies, or, where the commit locks
 * others, installs those (without their scripts: none is needed to synthesize).
 * @param kit folder of this kit's package.json, a git work tree
 * @returns the commit's full hash
 * @throws CommandError when git does not know the reference
 */
export async function checkOut(kit: string, ref: string, folder: string): Promise<string> {
  const commit = await commitOf(kit, ref);
  const archive = `${folder}.tar`;
  await mkdir(folder);
  await runTool("git", ["archive", "--format=tar", `--output=${archive}`, commit], { cwd: kit });
  await runTool("tar", ["-xf", archive, "-C", folder]);
  const [ours, theirs] = await Promise.all([kit, folder].map(lockFile));
  if (ours === theirs) await symlink(join(kit, "node_modules"), join(folder, "node_modules"), "dir");
  else await runTool("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
  return commit;
}

const lockFile = (folder: string): Promise<string> =>
  readFile(join(folder, "package-lock.json"), "utf8").catch(() => {
    throw new CommandError(`${folder} holds no package-lock.json`, "review commits of this kit");
  });

async function commitOf(kit: string, ref: string): Promise<string> {
  try {
    const found = await runTool("git", ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`], {
      cwd: kit,
    });
    return found.toString("utf8").trim();
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    throw new CommandError(
      `git knows no commit '${ref}' in ${kit}`,
      "name a branch, tag or commit; a shallow clone needs 'git fetch --unshallow' (in GitHub Actions: fetch-depth: 0)",
      EXIT.usage,
    );
  }
}
