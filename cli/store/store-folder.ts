import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { isDatabaseFile } from "./store-files";

/**
 * The folder with the database: the one that was named, or of a store's root the last epoch that its lease has named.
 * @throws CommandError when there is none
 */
export async function storeFolder(named: string): Promise<string> {
  const names = await readdir(named).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new CommandError(`${named}: there is no such folder`, "name a store", EXIT.usage);
    if (error.code === "ENOTDIR")
      throw new CommandError(`${named}: is a file`, "name the folder of a store", EXIT.usage);
    throw error;
  });
  const epochs = names.filter((name) => /^epoch-\d{12,}$/.test(name)).sort();
  for (const epoch of epochs.reverse()) {
    const folder = join(named, epoch);
    if ((await readdir(folder)).includes("COMPLETED")) return folder;
  }
  // One file of a database is enough: what else is missing is for the look at it to say.
  if (epochs.length === 0 && names.some(isDatabaseFile)) return named;
  throw new CommandError(
    `${named}: there is no store in it`,
    "name a store's folder, one of its epochs, or a checkpoint",
    EXIT.usage,
  );
}
