import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";

/**
 * The folder with the database: the one that was named, or of a store's root the last epoch that its lease has named.
 * @throws CommandError when there is none
 */
export async function storeFolder(named: string): Promise<string> {
  const names = await readdir(named).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new CommandError(`${named}: there is no such folder`, "name a store", EXIT.usage);
    throw error;
  });
  const epochs = names.filter((name) => /^epoch-\d{12,}$/.test(name)).sort();
  for (const epoch of epochs.reverse()) {
    const folder = join(named, epoch);
    if ((await readdir(folder)).includes("COMPLETED")) return folder;
  }
  // Whatever else is wrong with it, it is not for us to say that it is none.
  if (epochs.length === 0 && names.length > 0) return named;
  throw new CommandError(
    `${named}: there is no store in it`,
    "name a store's folder, one of its epochs, or a checkpoint",
    EXIT.usage,
  );
}
