import { input } from "@inquirer/prompts";
import { defineSite, SiteError } from "../policy/define-site";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";
import { declarationOf, type SiteAnswers } from "./site-answers";

/** One answer of `dmz new`: its flag, and how a person is asked for it. */
export interface SiteQuestion {
  readonly key: keyof SiteAnswers;
  /** As commander takes it; the site's name is the argument. */
  readonly flag: string;
  readonly message: string;
  /** Where the faults of this answer show in the declaration. */
  readonly path: string;
  /** Offered at the prompt; it may follow from earlier answers. */
  readonly suggestion?: (earlier: Partial<SiteAnswers>) => string;
}

/** In the order in which they are asked. */
export const SITE_QUESTIONS: readonly SiteQuestion[] = [
  { key: "name", flag: "<site>", path: "name", message: "Name of the site" },
  {
    key: "host",
    flag: "--host <name>",
    path: "host",
    message: "Public DNS name that clients connect to",
    suggestion: ({ name }) => `mqtt.${name ?? "plant"}.example.com`,
  },
  { key: "account", flag: "--account <id>", path: "aws.account", message: "AWS account (twelve digits)" },
  {
    key: "region",
    flag: "--region <region>",
    path: "aws.region",
    message: "AWS region",
    suggestion: () => "eu-central-1",
  },
  {
    key: "zones",
    flag: "--zones <list>",
    path: "aws.zones",
    message: "Two or three of its availability zones",
    suggestion: ({ region = "" }) => `${region}a,${region}b`,
  },
  {
    key: "deployerRole",
    flag: "--deployer-role <arn>",
    path: "aws.deployerRole",
    message: "ARN of the role that runs Terraform",
    suggestion: ({ account = "" }) => `arn:aws:iam::${account}:role/deployer`,
  },
  {
    key: "lines",
    flag: "--lines <list>",
    path: "edge",
    message: "Production lines and their numbers of gateways",
    suggestion: () => "line1=2,line2=2",
  },
];

/** Answers that no rule minds, so that one answer can be judged while others are still missing. */
const VALID: SiteAnswers = {
  name: "plant",
  host: "mqtt.example.com",
  account: "123456789012",
  region: "eu-central-1",
  zones: "eu-central-1a,eu-central-1b",
  deployerRole: "arn:aws:iam::123456789012:role/deployer",
  lines: "line1=1",
};

/** The first rule of `defineSite` that the answer breaks, in words for the prompt; undefined if it is fine. */
export function answerFault(question: SiteQuestion, text: string, earlier: Partial<SiteAnswers>): string | undefined {
  try {
    defineSite(declarationOf({ ...VALID, ...earlier, [question.key]: text.trim() }));
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    if (!(error instanceof SiteError)) throw error;
    const fault = error.faults.find(({ path }) => path.startsWith(question.path));
    return fault && `${fault.rule}; ${fault.fix}`;
  }
  return undefined;
}

/**
 * Asks for whatever flags did not say.
 * @param given from the command line
 * @param interactive whether a person is there: standard input and output are terminals
 * @throws CommandError naming every missing flag when nobody can be asked
 */
export async function askSiteAnswers(given: Partial<SiteAnswers>, interactive: boolean): Promise<SiteAnswers> {
  const missing = SITE_QUESTIONS.filter(({ key }) => given[key] === undefined);
  if (missing.length > 0 && !interactive)
    throw new CommandError(
      `nobody can be asked here, and ${missing.map(({ flag }) => flag).join(", ")} must be given`,
      "write them on the command line",
      EXIT.usage,
    );
  const answers: Partial<Record<keyof SiteAnswers, string>> = { ...given };
  for (const question of missing) {
    const text = await input({
      message: question.message,
      default: question.suggestion?.(answers),
      validate: (typed) => answerFault(question, typed, answers) ?? true,
    });
    answers[question.key] = text.trim();
  }
  return answers as SiteAnswers;
}
