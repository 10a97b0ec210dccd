import { existsSync } from "node:fs";
import { defineSite, SiteError } from "../policy/define-site";
import { showValue } from "../policy/show-value";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";
import { siteFile } from "./site-file";
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
  /** The answer is a list with commas, and the rules' own fix shows how TypeScript writes it. @default false */
  readonly list?: boolean;
  /** Nothing is an answer, too, and the one where nobody can be asked. @default false */
  readonly optional?: boolean;
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
    list: true,
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
  {
    key: "alarms",
    flag: "--alarms <list>",
    path: "alarms",
    message: "E-mail addresses that are told of alarms, or an SNS topic's ARN (nothing: nobody is told)",
    optional: true,
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

/**
 * The first rule that the answer breaks, in words for the prompt; undefined if it is fine.
 * @param folder of the site files: a name that is taken there is known before anything else is asked
 */
export function answerFault(
  question: SiteQuestion,
  text: string,
  earlier: Partial<SiteAnswers>,
  folder: string,
): string | undefined {
  // No other answer depends on the lines, and faulty ones would hide what is wrong with it.
  const all = { ...VALID, ...earlier, lines: VALID.lines };
  try {
    defineSite(declarationOf({ ...all, [question.key]: text.trim() }));
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    if (!(error instanceof SiteError)) throw error;
    const fault = error.faults.find(({ path }) => path.startsWith(question.path));
    const fix = question.list ? `write for example ${question.suggestion?.(all)}` : fault?.fix;
    if (fault) return `${fault.rule}, got ${showValue(fault.value)}; ${fix}`;
  }
  const file = siteFile(folder, text.trim());
  return question.key === "name" && existsSync(file) ? `${file} exists already; choose another name` : undefined;
}

/** Asks one question on the terminal, until the answer passes. */
export type Ask = (prompt: {
  readonly message: string;
  readonly default?: string;
  readonly validate: (typed: string) => true | string;
}) => Promise<string>;

/**
 * Asks for whatever flags did not say.
 * @param given from the command line
 * @param folder of the site files
 * @param ask undefined where nobody can be asked: standard input or output is no terminal
 * @throws CommandError naming every missing flag when nobody can be asked, or every flag that is wrong
 */
export async function askSiteAnswers(
  given: Partial<SiteAnswers>,
  folder: string,
  ask: Ask | undefined,
): Promise<SiteAnswers> {
  const faults = SITE_QUESTIONS.flatMap((question) => {
    const text = given[question.key];
    const fault = text === undefined ? undefined : answerFault(question, text, given, folder);
    return fault === undefined ? [] : [`${question.flag}: ${fault}`];
  });
  if (faults.length > 0) throw new CommandError(faults.join("\n"), undefined, EXIT.usage);

  const open = SITE_QUESTIONS.filter(({ key }) => given[key] === undefined);
  const missing = ask ? open : open.filter(({ optional }) => !optional);
  const answers: Partial<Record<keyof SiteAnswers, string>> = { ...given };
  if (missing.length > 0 && !ask)
    throw new CommandError(
      `nobody can be asked here, and ${missing.map(({ flag }) => flag).join(", ")} must be given`,
      "write them on the command line",
      EXIT.usage,
    );
  for (const question of missing) {
    const text = await ask!({
      message: question.message,
      default: question.suggestion?.(answers),
      validate: (typed) => answerFault(question, typed, answers, folder) ?? true,
    });
    answers[question.key] = text.trim();
  }
  return answers as SiteAnswers;
}
