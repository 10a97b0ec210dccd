import { chmod, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * Gives everything below the folder, and the folder, one of two modes: 0755 (folders and programs) or 0644. What the
 * umask of whoever builds would change is then the same everywhere, and no set-user-id bit is left.
 */
export async function plainModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const stat = await lstat(path);
    if (stat.isDirectory()) await plainModes(path);
    else if (stat.isFile()) await chmod(path, stat.mode & 0o100 ? 0o755 : 0o644);
  }
}
