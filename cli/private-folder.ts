import type { Stats } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { CommandError } from "./command-error";

/** Write permission of the group and of others. */
const OTHERS_WRITE = 0o022;

const ifThere = async (found: Promise<Stats>): Promise<Stats | undefined> =>
  found.catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });

const requireOwn = (path: string, found: Stats, uid: number): void => {
  if (found.uid !== uid)
    throw new CommandError(`${path}: belongs to another user, and keys are to be written there`, "choose with --dir");
  if ((found.mode & OTHERS_WRITE) !== 0)
    throw new CommandError(
      `${path}: others may write there, and could lead keys elsewhere or replace them`,
      "run chmod go-w on it, or choose another folder with --dir",
    );
};

/**
 * Keys are written into the folder only if nobody else could have prepared it: it is this user's, nobody else may write
 * to it, and the same holds of what is in it already, none of which is a link.
 * @param root a folder that is there; it may be a link, since the user named it.
 * @param children what is written to, whether or not it is there.
 * @throws CommandError naming the path and the fix
 */
export async function requirePrivateFolder(root: string, children: readonly string[]): Promise<void> {
  const uid = process.getuid?.();
  // Windows has neither user ids nor these permissions.
  if (uid === undefined) return;
  requireOwn(root, await stat(root), uid);
  for (const path of children) {
    const found = await ifThere(lstat(path));
    if (found === undefined) continue;
    if (found.isSymbolicLink())
      throw new CommandError(`${path}: is a link, and keys would be written to where it leads`, "remove it");
    requireOwn(path, found, uid);
  }
}
