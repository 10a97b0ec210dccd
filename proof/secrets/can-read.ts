import type { Step } from "../verdict";
import type { Account, Key, Principal, Secret } from "./account";
import type { Context } from "./conditions-hold";
import { type Asker, decide, decideForKey, decideTrust, type Policies } from "./decide";
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
const throughSecretsManager = ({ id, region }: Account, secret: Secret) => ({
  "kms:viaservice": [`secretsmanager.${region}.amazonaws.com`],
  "kms:calleraccount": [id],
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
        ? keyAllows(actor, "kms:Decrypt", key, contextOf(actor, throughSecretsManager(account, secret)))
        : maybe(key);
  return {
    truth: all([value, decrypts]),
    step: {
      at: actor.name,
      says: `may call secretsmanager:GetSecretValue on ${secret.name}, and its key decrypts for it`,
    },
  };
};

/** Calls that lead to the value by one more step that nobody else must take. */
export const opensSecret = (actor: Actor, secret: Secret): readonly Open[] => {
  const onSecret = ["secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"].map((action): Open => ({
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

export const rulesTheAccount = ({ id, principals, managedPolicies }: Account, actor: Actor): readonly Open[] =>
  RULES.map((action) => {
    // A policy may name any principal or policy: the likeliest are the account's own.
    const targets = [
      ...principals.map(({ arn }) => arn),
      ...managedPolicies,
      `arn:aws:iam::${id}:policy/any`,
      `arn:aws:iam::${id}:group/any`,
    ];
    const truth = any(targets.map((arn) => may(actor, action, arn, { identity: actor.identity }, contextOf(actor))));
    return { truth, step: { at: actor.name, says: `may call ${action}: it gives itself every right` } };
  });

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
            may(actor, "iam:PassRole", other.arn, identity, contextOf(actor, { "iam:passedtoservice": [passed[0]!] })),
            `${other.name}: it hands it to code of its own that ${passed[0]} runs`,
          ),
        ]),
    ...runners
      .filter(({ role }) => role === other.name)
      .flatMap(({ address, arns, policy, takenOverBy }) =>
        takenOverBy.map((action) =>
          open(
            action,
            any(arns.map((arn) => may(actor, action, arn, { identity: actor.identity, resource: policy }, context))),
            `${address}, which runs as ${other.name}`,
          ),
        ),
      ),
  ];
};

export const isOpen = ({ truth }: Open): boolean => truth.holds !== false;
