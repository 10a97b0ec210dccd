import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * The browser of this machine, or the one that `CHROMIUM` names.
 * @throws naming what is missing, and how to get it
 */
export function findChromium(): string {
  const named = process.env["CHROMIUM"];
  const paths = (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = [...(named ? [named] : []), ...paths].find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error("this suite needs chromium; on Debian: apt-get install chromium (or name one with CHROMIUM=<file>)");
}
