import { parseJson } from "../../proof/facts/parse-json";
import { HYGIENE_RULES } from "../../proof/hygiene/hygiene-properties";
import { readSuppressions } from "../../proof/hygiene/read-suppressions";
import type { Suppression } from "../../proof/hygiene/suppression";
import { readInput } from "./read-input";

/** What a user set aside, if a file of it was named. @throws BadInput with the place */
export const readSuppressionsFile = async (path: string | undefined): Promise<readonly Suppression[]> =>
  path === undefined ? [] : readSuppressions(path, parseJson(await readInput(path), path), HYGIENE_RULES);
