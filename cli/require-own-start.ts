import { readdir } from "node:fs/promises";
import { CommandError } from "./command-error";
import type { LocalFolders } from "./local-folders";

/** What is in a vault's folder beside the site's own: see `vault/directory.ts` and the broker's lease, `open-lease.ts`. */
const OF_EVERY_VAULT = /^\.(versions|manifest)$|^broker\.lock/;

const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });

/**
 * `--fresh` removes whole folders, and `vault`, `clients` and `store` are names that others give to folders, too: they are
 * removed where the vault is this site's, and nothing but that.
 * @throws CommandError naming what was not made by a start of this site
 */
export async function requireOwnStart({ vault, clients, store }: LocalFolders, site: string): Promise<void> {
  const names = await namesIn(vault);
  const foreign = names.find((name) => name !== site && !OF_EVERY_VAULT.test(name));
  const fix = "choose another folder with --dir, or remove it yourself";
  if (foreign !== undefined)
    throw new CommandError(`${vault}: --fresh removes the vault of site '${site}', and this holds '${foreign}'`, fix);
  if (names.includes(site)) return;
  for (const path of [clients, store])
    if ((await namesIn(path)).length > 0)
      throw new CommandError(
        `${path}: --fresh removes what starts of site '${site}' made, and there is no vault of it in ${vault}`,
        fix,
      );
}
