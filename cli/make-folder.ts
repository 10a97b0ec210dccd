import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { CommandError } from "./command-error";

/**
 * Makes a folder that only its owner may enter, and those above it that are missing. Level by level: Node's own
 * `recursive` never returns where a folder exists and nothing can be made in it, as in /proc.
 * @returns those that were made, the outermost first
 * @throws CommandError or the system's error with its path
 */
export async function makeFolder(path: string): Promise<readonly string[]> {
  const attempt = async (): Promise<NodeJS.ErrnoException | undefined> =>
    mkdir(path, { mode: 0o700 }).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
  let above: readonly string[] = [];
  let error = await attempt();
  if (error?.code === "ENOENT" && dirname(path) !== path) {
    above = await makeFolder(dirname(path));
    error = await attempt();
  }
  // A file of that name is found by what comes next, which writes into it.
  if (error === undefined) return [...above, path];
  if (error.code === "EEXIST") return above;
  if (error.code === "ENOENT")
    throw new CommandError(`${path}: no folder can be made there`, "choose another with --dir");
  throw error;
}
