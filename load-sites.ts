import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { isSite } from "./policy/is-site";
import type { Site } from "./policy/site";

// The TypeScript loader that runs this file (tsx, jest) also hooks its require.
const load = createRequire(__filename);

const HOW_TO = "export what defineSite returns as its default: export default defineSite({ ... })";

const indent = (text: string): string => text.replace(/^(?=.)/gm, "  ");

const loadSite = (file: string): Site => {
  let loaded: { readonly default?: unknown } | null;
  try {
    loaded = load(file) as typeof loaded;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} could not be loaded; correct it, or move it out of the folder:\n${indent(why)}`, {
      cause: error,
    });
  }
  if (!isSite(loaded?.default)) throw new Error(`${file} must ${HOW_TO}`);
  return loaded.default;
};

/**
 * Every site of a folder by its name, in order of the files' names: each `*.ts` in it is one site.
 *
 * @param folder default: `sites/` beside this file.
 * @param wanted when one site alone is needed, its name: faults of files that declare others do not matter then.
 * @throws Error naming every file that is at fault, and what to do about it.
 */
export const loadSites = (folder: string = join(__dirname, "sites"), wanted?: string): Map<string, Site> => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  const sites = new Map<string, Site>();
  const origins = new Map<string, string>();
  const faults: Error[] = [];
  for (const file of files.sort().map((name) => resolve(folder, name))) {
    try {
      const site = loadSite(file);
      const other = origins.get(site.name);
      if (other !== undefined) {
        if (site.name === wanted) sites.delete(wanted);
        throw new Error(`${file} must not be named "${site.name}": ${other} is; give one of them another name`);
      }
      sites.set(site.name, site);
      origins.set(site.name, file);
    } catch (error) {
      faults.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  if (wanted !== undefined && sites.has(wanted)) return sites;
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join("\n\n"), { cause: faults[0] });
  return sites;
};
