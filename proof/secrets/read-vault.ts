import { Reference, type Resource } from "../facts/facts";
import type { Key, Secret } from "./account";
import { type AccountFacts, isSet, listOf, textOf } from "./account-facts";
import type { Policy } from "./policy";

const NO_POLICY: Policy = { statements: [], unread: [] };

/** KMS Developer Guide, "Default key policy": without one, the account's identity policies decide. */
const defaultPolicy = (account: string): string =>
  JSON.stringify({
    Statement: {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  });

const readKey = (account: AccountFacts, resource: Resource): Key => {
  const { address } = resource;
  const own = account.singlePolicy(resource, { type: "aws_kms_key_policy", attribute: "key_id" });
  const multi = resource.values["multi_region"];
  if (isSet(multi) && multi !== false && multi !== "false")
    account.unread.push({ at: `${address}: 'multi_region'`, says: "its replicas and their policies are not modelled" });
  return {
    address,
    arn: account.arnOf(resource),
    policy: isSet(own.values["policy"])
      ? account.policyOf(own)
      : account.policyIn(`${address} (default policy)`, defaultPolicy(account.id.account)),
    grants: account
      .attached({ type: "aws_kms_grant", attribute: "key_id" }, resource)
      .map(({ address: at, values: { grantee_principal: grantee } }) => ({
        at,
        grantee: grantee instanceof Reference ? account.nameOf(grantee) : (textOf(grantee) ?? "*"),
      })),
  };
};

const keyOf = (account: AccountFacts, keys: readonly Key[], { address, values }: Resource): Secret["key"] => {
  const value = values["kms_key_id"];
  if (!isSet(value)) return undefined;
  const all = account.ofType("aws_kms_key");
  const direct = all.find((key) => account.means(value, key) === true);
  const alias = account.ofType("aws_kms_alias").find((each) => account.means(value, each) === true)?.values[
    "target_key_id"
  ];
  const resource = direct ?? all.find((key) => alias !== undefined && account.means(alias, key) === true);
  return (
    keys.find((key) => key.address === resource?.address) ?? {
      at: `${address}: 'kms_key_id'`,
      says: "its key is not in the plan",
    }
  );
};

/** The secrets of a plan and the keys that they are under, with the policies of both. */
export const readVault = (account: AccountFacts): { keys: readonly Key[]; secrets: readonly Secret[] } => {
  const keys = account.ofType("aws_kms_key").map((resource) => readKey(account, resource));
  const secrets = account.ofType("aws_secretsmanager_secret").map((resource): Secret => {
    const { address, values } = resource;
    const own = account.singlePolicy(resource, { type: "aws_secretsmanager_secret_policy", attribute: "secret_arn" });
    const policy = isSet(own.values["policy"]) ? account.policyOf(own) : NO_POLICY;
    for (const { at, allows, principals } of policy.statements)
      if (allows && (principals?.services.length ?? 0) > 0)
        account.unread.push({ at, says: "lets a service of AWS at the secret: for whom it reads is not modelled" });
    if (listOf(values["replica"]).length > 0)
      account.unread.push({ at: `${address}: 'replica'`, says: "its copies in other regions are not modelled" });
    return {
      address,
      arn: account.arnOf(resource),
      name: account.named(resource),
      policy,
      key: keyOf(account, keys, resource),
    };
  });
  for (const type of ["aws_kms_key_policy", "aws_kms_grant", "aws_secretsmanager_secret_policy"])
    account.noteStrays(type);
  return { keys, secrets };
};
