import { conditionsHold, type Context } from "./conditions-hold";
import type { Policy, PolicyStatement } from "./policy";
import { all, any, maybe, NO, not, type Truth, YES } from "./truth";
import { hasUnknownPart, widened } from "./unknown-part";
import { matchesPattern } from "./wildcard";

/** Who asks: a role or user of an account. */
export interface Asker {
  readonly arn: string;
  readonly account: string;
}

export interface Request {
  readonly asker: Asker;
  /** `secretsmanager:GetSecretValue` */
  readonly action: string;
  readonly resource: string;
  /** Account of the resource. */
  readonly owner: string;
  readonly context: Context;
}

/** What resource policies say of the asker itself (`names`), or of its account (`delegates`: identity policies decide). */
type Whom = "names" | "delegates" | "other" | "perhaps";

const rootOf = (account: string): string => `arn:aws:iam::${account}:root`;

const whom = ({ principals }: PolicyStatement, { arn, account }: Asker): Whom => {
  if (principals === undefined) return "names";
  const role = /^arn:aws:iam::\d{12}:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  const session = `arn:aws:sts::${account}:assumed-role/${role}/`;
  if (
    principals.everybody ||
    principals.aws.some((name) => name === arn || (role !== undefined && name.startsWith(session)))
  )
    return "names";
  if (principals.aws.some((name) => name === account || name === rootOf(account))) return "delegates";
  // An id of a principal, or what is known after apply only.
  return principals.aws.some((name) => !/^(?:\d{12}$|arn:)/.test(name) || hasUnknownPart(name)) ? "perhaps" : "other";
};

/** The statement at its widest: what is not known yet may be anything; what it leaves out, nothing. */
const widen = (statement: PolicyStatement): PolicyStatement => ({
  ...statement,
  actions: statement.actions.map(widened),
  resources: statement.resources.map(widened),
  ...without(statement, "notActions"),
  ...without(statement, "notResources"),
});

/** An exception that may be nothing we ask about, and yet is one: without any other there must still be a list. */
const NOTHING_NAMED = "-";
const without = (statement: PolicyStatement, list: "notActions" | "notResources") => {
  const kept = statement[list].filter((each) => !hasUnknownPart(each));
  return { [list]: statement[list].length > 0 && kept.length === 0 ? [NOTHING_NAMED] : kept };
};

/** What of it is known whatever the rest will be; undefined where exceptions are not. */
const known = (statement: PolicyStatement, isUnknown: (text: string) => boolean): PolicyStatement | undefined => {
  if ([...statement.notActions, ...statement.notResources].some(isUnknown)) return undefined;
  const rest = (list: readonly string[]): readonly string[] => {
    const kept = list.filter((each) => !isUnknown(each));
    return list.length > 0 && kept.length === 0 ? [NOTHING_NAMED] : kept;
  };
  return { ...statement, actions: rest(statement.actions), resources: rest(statement.resources) };
};

const applies = (statement: PolicyStatement, request: Request): Truth => {
  const { action, resource, context } = request;
  const { at, actions, notActions, resources, notResources, conditions, odd } = statement;
  if (odd !== undefined) return maybe({ at, says: odd });
  const unknown = [...actions, ...notActions, ...resources, ...notResources].filter(hasUnknownPart);
  if (unknown.length > 0) {
    const least = known(statement, hasUnknownPart);
    const most = applies(widen(statement), request);
    if (least !== undefined && applies(least, request).holds === true) return YES;
    return most.holds === false ? NO : maybe({ at, says: "names something that is known after apply only" });
  }
  const acts =
    notActions.length > 0
      ? !notActions.some((pattern) => matchesPattern(pattern, action, true))
      : actions.some((pattern) => matchesPattern(pattern, action, true));
  const variable = [...resources, ...notResources].find((pattern) => pattern.includes("${"));
  const on =
    notResources.length > 0
      ? !notResources.some((pattern) => matchesPattern(pattern, resource))
      : resources.length === 0 || resources.some((pattern) => matchesPattern(pattern, resource));
  if (!acts) return NO;
  if (variable !== undefined) return maybe({ at, says: `has the policy variable ${variable}` });
  return on ? conditionsHold(conditions, context, at) : NO;
};

/** Does a statement of that effect, about that sort of principal, apply? */
const says = (policy: Policy, request: Request, allows: boolean, sorts: readonly Whom[]): Truth =>
  any(
    policy.statements
      .filter(
        (statement) =>
          (statement.odd !== undefined || statement.allows === allows) &&
          (statement.odd !== undefined || ["perhaps", ...sorts].includes(whom(statement, request.asker))),
      )
      .map((statement) => {
        const truth = applies(statement, request);
        return truth.holds === true && whom(statement, request.asker) === "perhaps"
          ? maybe({ at: statement.at, says: "names somebody who is known after apply only" })
          : truth;
      }),
  );

/** Part of a policy that is not known may allow, and may deny. */
const unknownParts = ({ unread }: Policy): Truth => (unread.length > 0 ? maybe(...unread) : NO);

export interface Policies {
  readonly identity: readonly Policy[];
  /** Undefined: the resource has none. */
  readonly resource?: Policy;
}

const NOTHING: Policy = { statements: [], unread: [] };

const denied = ({ identity, resource = NOTHING }: Policies, request: Request): Truth =>
  any([
    ...identity.map((policy) => says(policy, request, false, ["names"])),
    says(resource, request, false, ["names", "delegates"]),
    unknownParts(resource),
  ]);

/** An account's identity policies, any of which may allow. */
const identityAllows = ({ identity }: Policies, request: Request): Truth =>
  any(identity.flatMap((policy) => [says(policy, request, true, ["names"]), unknownParts(policy)]));

/**
 * IAM's decision (IAM User Guide, "Policy evaluation logic"): no statement denies, and an identity policy or the
 * resource's policy allows; for a caller of another account, both.
 */
export const decide = (policies: Policies, request: Request): Truth => {
  const { resource = NOTHING } = policies;
  const identity = identityAllows(policies, request);
  const ownAccount = request.asker.account === request.owner;
  const byResource = any([
    says(resource, request, true, ownAccount ? ["names"] : ["names", "delegates"]),
    unknownParts(resource),
  ]);
  const allowed = ownAccount ? any([identity, byResource]) : all([identity, byResource]);
  return all([allowed, not(denied(policies, request))]);
};

/**
 * The same for a KMS key, where identity policies count only if the key's policy delegates to the account (KMS Developer
 * Guide, "Key policies in AWS KMS").
 */
export const decideForKey = (policies: Policies, request: Request): Truth => {
  const { resource = NOTHING } = policies;
  const allowed = any([
    says(resource, request, true, ["names"]),
    all([says(resource, request, true, ["delegates"]), identityAllows(policies, request)]),
    unknownParts(resource),
  ]);
  return all([allowed, not(denied(policies, request))]);
};

/** A role is assumed: its trust policy names the caller, or delegates to the account and the caller's policies allow. */
export const decideTrust = decideForKey;

export const ALLOWS_ALL: Policy = {
  statements: [
    {
      at: "administrator",
      allows: true,
      actions: ["*"],
      notActions: [],
      resources: ["*"],
      notResources: [],
      conditions: {},
    },
  ],
  unread: [],
};
