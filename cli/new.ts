import { resolve } from "node:path";
import { askSiteAnswers } from "./ask-site-answers";
import { newSite } from "./new-site";
import type { SiteAnswers } from "./site-answers";

export interface NewOptions extends Partial<Omit<SiteAnswers, "name">> {
  readonly sites?: string;
}

/** `dmz new`: writes a site file from the flags, and asks for what they leave open if somebody is there. */
export async function newCommand(name: string | undefined, { sites, ...flags }: NewOptions): Promise<void> {
  const interactive = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  const folder = resolve(sites ?? `${__dirname}/../sites`);
  // Loaded only where somebody can be asked.
  const ask = interactive ? (await import("@inquirer/prompts")).input : undefined;
  const answers = await askSiteAnswers({ ...flags, ...(name !== undefined && { name }) }, folder, ask);
  const { file, nextSteps } = await newSite(answers, folder);
  process.stdout.write(
    `Wrote ${file}\n\nNext:\n${nextSteps.map((step, index) => `  ${index + 1}. ${step}\n`).join("")}`,
  );
}
