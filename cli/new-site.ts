import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { defineSite } from "../policy/define-site";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";
import { declarationOf, type SiteAnswers } from "./site-answers";
import { siteFileText } from "./site-file-text";

/** What `dmz new` did, and what the user does next. */
export interface NewSite {
  /** Path of the written file. */
  readonly file: string;
  /** Sentences, in order. */
  readonly nextSteps: readonly string[];
}

const policyFolder = join(__dirname, "..", "policy");

/** From a site file's folder to `policy/`, as an import says it. */
const importPath = (folder: string): string => {
  const path = relative(folder, policyFolder).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
};

/**
 * Writes `<folder>/<name>.ts`, once the site that it declares is known to be valid. Never overwrites.
 * @param folder of the site files; created if missing
 * @throws SiteError with everything that is wrong with the answers
 * @throws CommandError if the lines cannot be read or the file exists
 */
export async function newSite(answers: SiteAnswers, folder: string): Promise<NewSite> {
  const declaration = declarationOf(answers);
  const site = defineSite(declaration);
  const file = join(folder, `${site.name}.ts`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(file, siteFileText(answers, importPath(folder), site.capacity), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new CommandError(`${file} exists already`, "choose another name, or edit that file", EXIT.usage);
  }
  return {
    file,
    nextSteps: [
      `Open ${file} and give the gateways their real names and roles.`,
      `Try it on this machine: npm run dmz start ${site.name}`,
      "Push the broker's image (npm run dmz image push) and put the printed reference into the file.",
      `Deploy it: npx cdktf deploy ${site.name}`,
      `Point ${site.host} at the load balancer that the deployment prints.`,
    ],
  };
}
