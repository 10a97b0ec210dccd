import type { Step } from "../verdict";
import type { Account, Key, Principal, Runner, Secret } from "./account";
import type { Context } from "./conditions-hold";
import { type Asker, decide, decideForKey, decideTrust, type Policies } from "./decide";
import { namedBelow } from "./named-below";
import { all, any, maybe, type Truth, YES } from "./truth";
import { matchesPattern } from "./wildcard";

/** A principal's own rights, whoever it is. */
export type Actor = Pick<Principal, "identity" | "name"> & Asker;

const contextOf = ({ arn, account }: Asker, more: Readonly<Record<string, readonly string[]>> = {}): Context =>
  new Map(
    Object.entries({
      "aws:principalarn": [arn],
      "aws:principalaccount": [account],
      "aws:securetransport": ["true"],
      // Calls of AWS's own services for somebody are not calls of a role.
      "aws:principalisawsservice": ["false"],
      ...more,
    }),
  );

/** What Secrets Manager tells KMS of a value that it decrypts for a caller (its user guide, "Encryption context"). */
const throughSecretsManager = ({ region }: Account, caller: string, secret: Secret) => ({
  "kms:viaservice": [`secretsmanager.${region}.amazonaws.com`],
  "kms:calleraccount": [caller],
  "kms:encryptioncontext:secretarn": [secret.arn],
  "kms:encryptioncontext:secretversionid": ["01234567-89ab-cdef-0123-456789abcdef"],
  "kms:encryptioncontextkeys": ["SecretARN", "SecretVersionId"],
});

const isKey = (key: Secret["key"]): key is Key => key !== undefined && "arn" in key;

/** ARNs carry their account in the fifth part. */
const ownerOf = (arn: string): string => arn.split(":")[4] ?? "";

const may = (actor: Actor, action: string, resource: string, policies: Policies, context: Context): Truth =>
  decide(policies, { asker: actor, action, resource, owner: ownerOf(resource), context });

/** Does the key serve the actor? By its policy, or by a grant. */
const keyAllows = (actor: Actor, action: string, key: Key, context: Context): Truth =>
  any([
    decideForKey(
      { identity: actor.identity, resource: key.policy },
      { asker: actor, action, resource: key.arn, owner: ownerOf(key.arn), context },
    ),
    ...(action === "kms:Decrypt" &&
    key.grants.some(({ grantee }) => grantee === "*" || matchesPattern(grantee, actor.arn))
      ? [YES]
      : []),
  ]);

/** A way to a secret, and whether it is open. */
export interface Open {
  readonly truth: Truth;
  readonly step: Step;
}

/** The value itself, in one call. */
export const readsDirectly = (account: Account, actor: Actor, secret: Secret): Open => {
  const value = may(
    actor,
    "secretsmanager:GetSecretValue",
    secret.arn,
    { identity: actor.identity, resource: secret.policy },
    contextOf(actor),
  );
  const { key } = secret;
  const decrypts =
    key === undefined
      ? YES
      : isKey(key)
        ? keyAllows(actor, "kms:Decrypt", key, contextOf(actor, throughSecretsManager(account, actor.account, secret)))
        : maybe(key);
  return {
    truth: all([value, decrypts]),
    step: {
      at: actor.name,
      says: `may call secretsmanager:GetSecretValue on ${secret.name}, and its key decrypts for it`,
    },
  };
};

/** A copy in another region has a key that the caller names. */
const WRITES_ITSELF_IN = [
  "secretsmanager:PutResourcePolicy",
  "secretsmanager:DeleteResourcePolicy",
  "secretsmanager:ReplicateSecretToRegions",
] as const;

/** Calls that lead to the value by one more step that nobody else must take. */
export const opensSecret = (actor: Actor, secret: Secret): readonly Open[] => {
  const onSecret = WRITES_ITSELF_IN.map((action): Open => ({
    truth: may(actor, action, secret.arn, { identity: actor.identity, resource: secret.policy }, contextOf(actor)),
    step: { at: actor.name, says: `may call ${action} on ${secret.name}: it writes itself in` },
  }));
  const { key } = secret;
  if (!isKey(key)) return onSecret;
  const onKey = ["kms:PutKeyPolicy", "kms:CreateGrant"].map((action): Open => ({
    truth: keyAllows(
      actor,
      action,
      key,
      contextOf(actor, { "kms:grantisforawsresource": ["false"], "kms:viaservice": [] }),
    ),
    step: { at: actor.name, says: `may call ${action} on the key ${key.address}: it gives itself the use of it` },
  }));
  return [...onSecret, ...onKey];
};

/** Whoever may do one of these gives itself every right of the account. */
const RULES = [
  "iam:AttachRolePolicy",
  "iam:AttachUserPolicy",
  "iam:AttachGroupPolicy",
  "iam:PutRolePolicy",
  "iam:PutUserPolicy",
  "iam:PutGroupPolicy",
  "iam:AddUserToGroup",
  "iam:CreatePolicyVersion",
  "iam:SetDefaultPolicyVersion",
  "iam:DeleteRolePermissionsBoundary",
  "iam:PutRolePermissionsBoundary",
] as const;

/** With these it is whichever user of the account it likes, administrators among them. */
const TAKES_USERS = ["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"] as const;
/** With these it is a role. */
const TAKES_ROLES = ["sts:AssumeRole", "iam:UpdateAssumeRolePolicy", "iam:PassRole"] as const;

/** What the actor's own policies name, one of each pattern: rights over what is not in the plan are rights, too. */
const namedBy = ({ identity }: Actor, account: string): readonly string[] =>
  identity
    .flatMap(({ statements }) => statements.flatMap(({ allows, resources }) => (allows ? resources : [])))
    .filter((pattern) => /^arn:[^:]*:iam:/.test(pattern))
    .map((pattern) => {
      const parts = pattern.split(":");
      if (/[*?]/.test(parts[4] ?? "")) parts[4] = account;
      return parts.join(":").replaceAll("*", "any").replaceAll("?", "x");
    })
    .filter((arn) => arn.split(":")[4] === account);

/** Ways to every right of the account, or perhaps to it: over what the plan does not declare. */
export const rulesTheAccount = ({ id, principals, managedPolicies }: Account, actor: Actor): readonly Open[] => {
  const mayOn = (action: string, arns: readonly string[]): Truth =>
    any(arns.map((arn) => may(actor, action, arn, { identity: actor.identity }, contextOf(actor))));
  const declared = principals.map(({ arn }) => arn);
  const oneOf = (kind: string): string => `arn:aws:iam::${id}:${kind}/any`;
  const foreign = namedBy(actor, id).filter((arn) => !declared.includes(arn) && !managedPolicies.includes(arn));
  const sure = [
    // A policy may name any principal or policy: the likeliest are the account's own.
    ...RULES.map((action) => [action, [...declared, ...managedPolicies, oneOf("policy"), oneOf("group")]] as const),
    ...TAKES_USERS.map((action) => [action, [oneOf("user")]] as const),
  ].map(([action, arns]): Open => ({
    truth: mayOn(action, arns),
    step: { at: actor.name, says: `may call ${action}: it gives itself every right` },
  }));
  const perhaps = [
    ...[...RULES, ...TAKES_USERS].map((action) => [action, foreign] as const),
    ...TAKES_ROLES.map(
      (action) => [action, [oneOf("role"), ...foreign.filter((arn) => arn.includes(":role/"))]] as const,
    ),
  ].map(([action, arns]): Open => {
    const says = `may call ${action} on what the plan does not declare, and what that may do is not known`;
    const step = { at: actor.name, says };
    return { truth: all([mayOn(action, arns), maybe(step)]), step };
  });
  return [...sure, ...perhaps];
};

const arnsFor = (actor: Actor, { arns, below }: Runner): readonly string[] => [
  ...arns,
  ...below.flatMap((prefix) => namedBelow(actor, prefix)),
];

const services = ({ trust }: Principal): readonly string[] =>
  (trust?.statements ?? []).filter(({ allows }) => allows).flatMap(({ principals }) => principals?.services ?? []);

/** Ways to act as another principal. */
export const becomes = ({ runners }: Account, actor: Actor, other: Principal): readonly Open[] => {
  const identity = { identity: actor.identity };
  const context = contextOf(actor);
  const open = (action: string, truth: Truth, how: string): Open => ({
    truth,
    step: { at: actor.name, says: `may call ${action} on ${how}` },
  });
  if (other.trust === undefined)
    return ["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"].map((action) =>
      open(action, may(actor, action, other.arn, identity, context), `${other.name}: it takes its credentials`),
    );
  const trust = { identity: actor.identity, resource: other.trust };
  const passed = services(other);
  return [
    open(
      "sts:AssumeRole",
      decideTrust(trust, {
        asker: actor,
        action: "sts:AssumeRole",
        resource: other.arn,
        owner: ownerOf(other.arn),
        context,
      }),
      `${other.name}, which lets it`,
    ),
    open(
      "iam:UpdateAssumeRolePolicy",
      may(actor, "iam:UpdateAssumeRolePolicy", other.arn, identity, context),
      `${other.name}: it lets itself in`,
    ),
    ...(passed.length === 0
      ? []
      : [
          open(
            "iam:PassRole",
            any(
              passed.map((service) =>
                may(actor, "iam:PassRole", other.arn, identity, contextOf(actor, { "iam:passedtoservice": [service] })),
              ),
            ),
            `${other.name}: it hands it to code of its own that ${passed.join(" or ")} runs`,
          ),
        ]),
    ...runners
      .filter(({ role }) => role === other.name)
      .flatMap((runner) =>
        runner.takenOverBy.map((action) =>
          open(
            action,
            any(
              arnsFor(actor, runner).map((arn) =>
                may(actor, action, arn, { identity: actor.identity, resource: runner.policy }, context),
              ),
            ),
            `${runner.address}, which runs as ${other.name}`,
          ),
        ),
      ),
  ];
};

/** Calls that let a function run, and answer with what it says. */
const INVOKES = ["lambda:InvokeFunction", "lambda:InvokeAsync", "lambda:InvokeFunctionUrl"] as const;

/** Ways to a function that uses the secret for whoever invokes it. */
export const usesThrough = ({ runners }: Account, actor: Actor, roles: readonly string[]): readonly Open[] =>
  runners
    .filter(({ role, isFunction }) => isFunction && roles.includes(role))
    .flatMap((runner) =>
      INVOKES.flatMap((action) =>
        arnsFor(actor, runner).map((arn): Open => ({
          truth: may(actor, action, arn, { identity: actor.identity, resource: runner.policy }, contextOf(actor)),
          step: {
            at: actor.name,
            says: `may call ${action} on ${runner.address}, which as ${runner.role} uses the secret for whoever invokes it`,
          },
        })),
      ),
    );

/** Services of AWS that may invoke such a function: for whom they would is not modelled. */
export const servicesThrough = ({ runners }: Account, roles: readonly string[]): readonly Step[] =>
  runners
    .filter(({ role, isFunction }) => isFunction && roles.includes(role))
    .flatMap(({ address, policy }) =>
      policy.statements
        .filter(({ allows }) => allows)
        .flatMap(({ principals }) => principals?.services ?? [])
        .map((service) => ({ at: address, says: `${service} may invoke it: for whom that would is not modelled` })),
    );

export const isOpen = ({ truth }: Open): boolean => truth.holds !== false;
