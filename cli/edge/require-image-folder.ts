import { readdir } from "node:fs/promises";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";

/** What a build writes, and the disks that `provision` puts beside it. */
const OURS = /\.(raw|raw\.zst|cdx\.json|update)(\.sha256|\.sha256\.sig|\.json)?$/;

/** Every build has one, and hardly anything else does. */
const MARK = /\.update\.json$/;

/**
 * A build replaces the whole folder, so that nothing of an earlier version stays: it must be nobody else's.
 * @throws CommandError naming what in it is not a build's, unless it is missing or empty
 */
export async function requireImageFolder(output: string): Promise<void> {
  const names = await readdir(output).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const foreign = names.sort().find((name) => !OURS.test(name));
  if (foreign === undefined && (names.length === 0 || names.some((name) => MARK.test(name)))) return;
  throw new CommandError(
    `${output}: must be a new folder or an earlier build's, and holds '${foreign ?? names[0]}'`,
    "name another one with --output: a build replaces all that is in it",
    EXIT.usage,
  );
}
