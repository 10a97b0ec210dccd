import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { bootstrapName } from "../policy/bootstrap";
import { defineSite } from "../policy/define-site";
import type { Site } from "../policy/site";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";
import { nearPath } from "./near-path";
import { declarationOf, type SiteAnswers } from "./site-answers";
import { siteFile } from "./site-file";
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
  const file = siteFile(folder, site.name);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(file, siteFileText(answers, importPath(folder), site), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new CommandError(`${file} exists already`, "choose another name, or edit that file", EXIT.usage);
  }
  return { file, nextSteps: nextSteps(site, file, folder) };
}

/** The README's way from a site's file to a running site. */
function nextSteps(site: Site, file: string, folder: string): readonly string[] {
  const { account, region } = site.aws;
  // main.ts and the commands look there by themselves.
  const usual = folder === join(policyFolder, "..", "sites");
  const flag = usual ? "" : ` --sites ${nearPath(folder)}`;
  return [
    `Open ${nearPath(file)} and give the gateways their real names and roles.`,
    `Try it on this machine: npx dmz start ${site.name}${flag}`,
    ...(usual ? [] : [`Move the file to the kit's sites/ folder: cdktf deploys what is there.`]),
    `Once an account and region: npx cdktf deploy ${bootstrapName.stack(account, region)}`,
    `Build and push the broker's image: npx dmz image build && npx dmz image push ${site.name}`,
    `Write the reference that it prints into the file as broker.image, and deploy: npx cdktf deploy ${site.name}`,
    ...(site.alarms?.email
      ? [
          `Have somebody at ${site.alarms.email.join(", ")} confirm the mail that AWS sends then: until that is done it is told of no alarm.`,
        ]
      : []),
    ...(site.alarms ? [] : [`Decide who is told of alarms, and write it into the file as alarms: now it is nobody.`]),
    `Enrol the clients: npx dmz enrol ${site.name}`,
    `Point ${site.host} at the load balancer that the deployment prints.`,
  ];
}
