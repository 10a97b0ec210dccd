import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import type { Site } from "../../policy/site";

const MINUTE = 60_000;
const PRINT = `process.stdout.write(JSON.stringify([...require("./load-sites").loadSites().values()]))`;

/** The sites that a tree declares, by name, as its own code reads them; none if it does not load. */
export async function readDeclarations(tree: string): Promise<ReadonlyMap<string, Site>> {
  const loader = createRequire(__filename).resolve("tsx");
  const text = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      ["--require", loader, "--eval", PRINT],
      { cwd: tree, timeout: MINUTE, maxBuffer: 256 * 1024 * 1024 },
      (error, printed) => resolve(error ? "[]" : printed),
    );
  });
  return new Map((JSON.parse(text) as Site[]).map((site) => [site.name, site]));
}
