import { lstat } from "node:fs/promises";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";

/** @throws CommandError when something is there already */
export async function requireFree(path: string): Promise<void> {
  const isThere = await lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  if (isThere) throw new CommandError(`${path}: exists already, and is not replaced`, "name another", EXIT.usage);
}
