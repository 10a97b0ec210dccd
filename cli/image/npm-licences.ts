import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { bundledPackages, type Metafile } from "./npm-components";

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/**
 * The licence texts of the packages in the bundle: most licences demand that their text travels with the code, and a
 * minified bundle has lost it.
 * @param root folder that the metafile's paths are relative to
 */
export async function npmLicences(metafile: Metafile, root: string): Promise<string> {
  const texts = await Promise.all(
    bundledPackages(metafile).map(async (folder) => {
      const names = (await readdir(join(root, folder))).filter((name) => LICENCE_FILE.test(name)).sort();
      const files = await Promise.all(names.map((name) => readFile(join(root, folder, name), "utf8")));
      const stated = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")) as { license?: unknown };
      // Some packages name their licence without its text.
      const text = files.length ? files.join("\n") : `Licence: ${JSON.stringify(stated.license ?? "not stated")}\n`;
      return `==== ${folder.replace(/^.*node_modules\//, "")}\n\n${text.trim()}\n`;
    }),
  );
  return texts.join("\n");
}
