import { statSync } from "node:fs";
import { dirname } from "node:path";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";
import { makeFolder } from "./make-folder";

/**
 * Makes sure, before the work begins, that a file can take this name: the folders above it are made.
 * @param flag that named it, for the message
 * @throws CommandError if a folder has the name
 */
export async function requireFileTarget(path: string, flag: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandError(`${flag}: must name a file, and ${path} is a folder`, "add a file's name to it", EXIT.usage);
  await makeFolder(dirname(path));
}
