import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadSites } from "../load-sites";
import type { Site } from "../policy/site";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";

/** The sites of a folder, and where that is. */
export interface ReadSites {
  readonly sites: readonly Site[];
  readonly folder: string;
}

/**
 * Loads every site file of `folder`.
 * @param folder default: `sites/` of this kit
 * @param wanted the one site that the command is about, if named: a fault in another's file is no matter then
 * @throws CommandError with the faults as the policy words them
 */
export function readSites(folder: string | undefined, wanted: string | undefined): ReadSites {
  const path = resolve(folder ?? join(__dirname, "..", "sites"));
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory())
    throw new CommandError(
      found ? `${path}: this is no folder` : `${path}: there is no such folder`,
      "name the folder of the site files with --sites",
      EXIT.usage,
    );
  try {
    return { sites: [...loadSites(path, wanted).values()], folder: path };
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), undefined, EXIT.usage);
  }
}
