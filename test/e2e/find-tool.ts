import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Where a program is on the PATH.
 * @throws naming the program and how to get it.
 */
export function findTool(name: string, how: string): string {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"]) {
    if (folder === "") continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  throw new Error(`npm run e2e needs '${name}', which is not on the PATH. Install it with: ${how}`);
}
