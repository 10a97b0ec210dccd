import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "../../proof/facts/parse-json";
import { HYGIENE_RULES } from "../../proof/hygiene/hygiene-properties";
import { readSuppressions } from "../../proof/hygiene/read-suppressions";
import type { Suppression } from "../../proof/hygiene/suppression";
import { readInput } from "./read-input";

/** Read where no file is named. */
export const SUPPRESSIONS = "proof-suppressions.json";

/**
 * What a user set aside.
 * @param path a file that must be there. @default `proof-suppressions.json` in the folder, if there is one
 * @throws BadInput with the place
 */
export const readSuppressionsFile = async (
  path: string | undefined,
  folder = process.cwd(),
): Promise<readonly Suppression[]> => {
  const found = join(folder, SUPPRESSIONS);
  const file = path ?? (existsSync(found) ? found : undefined);
  return file === undefined ? [] : readSuppressions(path ?? SUPPRESSIONS, await parsed(file, path), HYGIENE_RULES);
};

const parsed = async (file: string, named: string | undefined) =>
  parseJson(await readInput(file), named ?? SUPPRESSIONS);
