import { secretReaders } from "../../../policy/secret-readers";
import { readSynth } from "../../../proof/facts/read-synth";
import type { SecretsInput } from "../../../proof/secrets/secrets-input";
import riverside from "../../../sites/riverside";
import { synthesizeSite } from "../synthesize-site";

/** A synthesized stack, open to changes. */
export interface Stack {
  readonly resource: Record<string, Record<string, Record<string, unknown>>>;
}

let synthesized: string | undefined;

/** The shipped site's stack with something changed in it. */
export const changedStack = (change: (stack: Stack) => void): string => {
  synthesized ??= synthesizeSite(riverside);
  const stack = JSON.parse(synthesized) as Stack;
  change(stack);
  return JSON.stringify(stack);
};

export const secretsOf = (stack: string): SecretsInput => ({
  facts: readSynth(stack),
  account: riverside.aws.account,
  region: riverside.aws.region,
  declared: secretReaders(riverside),
});

/** The one resource of a type whose id holds the text. */
export const find = ({ resource }: Stack, type: string, part: string): Record<string, unknown> => {
  const found = Object.entries(resource[type] ?? {}).filter(([id]) => id.includes(part));
  if (found.length !== 1) throw new Error(`${type} with "${part}": found ${found.length}`);
  return found[0]![1];
};

export const add = ({ resource }: Stack, type: string, id: string, block: Record<string, unknown>): void => {
  (resource[type] ??= {})[id] = block;
};

interface Document {
  readonly Statement: Record<string, unknown>[];
}

/** A policy in an attribute, changed. */
export const edit = (block: Record<string, unknown>, attribute: string, change: (document: Document) => void): void => {
  const document = JSON.parse(String(block[attribute])) as Document;
  change(document);
  block[attribute] = JSON.stringify(document);
};

/** One more thing that a role may do. */
export const allow = (
  stack: Stack,
  role: string,
  action: string | readonly string[],
  on: string | readonly string[],
): void =>
  edit(find(stack, "aws_iam_role_policy", role), "policy", ({ Statement }) =>
    Statement.push({ Sid: "Added", Effect: "Allow", Action: action, Resource: on }),
  );
