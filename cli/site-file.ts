import { join } from "node:path";

/** Where `dmz new` writes the site of that name. */
export const siteFile = (folder: string, name: string): string => join(folder, `${name}.ts`);
