import { type Block, type Facts, Reference, type Resource, Template, Unknown, type Value } from "../facts/facts";
import type { Step } from "../verdict";
import type { Account, Key, Principal, Runner, Secret } from "./account";
import type { Policy } from "./policy";
import { readPolicy } from "./read-policy";

/** Whose the secrets are: what ARNs are made of that AWS fills in. */
export interface AccountId {
  readonly account: string;
  readonly region: string;
}

/** Types that say who may do what, and that we do not read: their presence leaves everything open. */
const NOT_READ = new Set([
  "aws_iam_group",
  "aws_iam_group_membership",
  "aws_iam_group_policy",
  "aws_iam_group_policy_attachment",
  "aws_iam_policy_attachment",
  "aws_iam_role_policies_exclusive",
  "aws_iam_user_group_membership",
  "aws_kms_replica_key",
  "aws_kms_external_key",
  "aws_kms_custom_key_store",
  "aws_secretsmanager_secret_replica",
]);

/** Types with a role in them that hand it to nobody: what they do with it is the service's own. */
const HOLD_A_ROLE = new Set([
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_iam_role_policy_attachment",
  "aws_iam_policy",
  "aws_iam_user_policy",
  "aws_lambda_function",
  "aws_lambda_permission",
  "aws_ecs_task_definition",
  "aws_flow_log",
  "aws_kms_key",
  "aws_kms_key_policy",
  "aws_kms_grant",
  "aws_secretsmanager_secret",
  "aws_secretsmanager_secret_policy",
  "aws_efs_file_system_policy",
  "aws_vpc_endpoint",
  "aws_cloudwatch_metric_alarm",
  "aws_backup_selection",
]);

const NO_POLICY: Policy = { statements: [], unread: [] };

const textOf = (value: Value | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
const listOf = (value: Value | undefined): readonly Value[] =>
  Array.isArray(value) ? (value as readonly Value[]) : value === undefined || value === null ? [] : [value];
const isBlock = (value: Value): value is Block =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Reference) &&
  !(value instanceof Template) &&
  !(value instanceof Unknown);

/** Every reference below a value. */
const references = (value: Value): readonly Reference[] => {
  if (value instanceof Reference) return [value];
  if (value instanceof Template) return value.parts.filter((part) => part instanceof Reference);
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap(references);
  return isBlock(value) ? Object.values(value).flatMap(references) : [];
};

const known = new WeakMap<Facts, { readonly of: string; readonly account: Account }>();

/** Reads from facts who may do what with secrets, keys and the code that runs under roles. Once for the same facts. */
export const readAccount = (facts: Facts, { account, region }: AccountId): Account => {
  const of = `${account} ${region}`;
  const before = known.get(facts);
  if (before?.of === of) return before.account;
  const read = readOnce(facts, { account, region });
  known.set(facts, { of, account: read });
  return read;
};

const readOnce = (facts: Facts, { account, region }: AccountId): Account => {
  const managed = facts.resources.filter(({ mode }) => mode === "managed");
  const ofType = (...types: readonly string[]): readonly Resource[] =>
    managed.filter(({ type }) => types.includes(type));
  const unread: Step[] = facts.unread.map(({ place, reason }) => ({ at: place, says: reason }));
  for (const { type, address } of managed)
    if (NOT_READ.has(type)) unread.push({ at: address, says: `${type} is not modelled` });

  /** Names are what AWS builds ARNs of; where it adds random characters, these stand for them. */
  const arnOf = ({ address, type, values }: Resource): string => {
    const literal = textOf(values["arn"]);
    if (literal !== undefined) return literal;
    const name = textOf(values["name"]) ?? textOf(values["function_name"]) ?? address;
    const path = textOf(values["path"]) ?? "/";
    switch (type) {
      case "aws_iam_role":
        return `arn:aws:iam::${account}:role${path}${name}`;
      case "aws_iam_user":
        return `arn:aws:iam::${account}:user${path}${name}`;
      case "aws_iam_policy":
        return `arn:aws:iam::${account}:policy${path}${name}`;
      case "aws_secretsmanager_secret":
        return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`;
      case "aws_kms_key":
        return `arn:aws:kms:${region}:${account}:key/${address}`;
      case "aws_lambda_function":
        return `arn:aws:lambda:${region}:${account}:function:${name}`;
      default:
        return `reference:${address}`;
    }
  };
  const nameOf = (reference: Reference): string => {
    const resource = facts.byAddress.get(reference.address);
    if (resource === undefined) return `reference:${reference.address}.${reference.attribute}`;
    const named = ["name", "function_name"].includes(reference.attribute) ? textOf(resource.values["name"]) : undefined;
    if (reference.attribute === "arn" || (reference.attribute === "id" && resource.type !== "aws_iam_role"))
      return arnOf(resource);
    return named ?? `reference:${reference.address}.${reference.attribute}`;
  };
  const policyOf = ({ address, values }: Resource, attribute = "policy"): Policy =>
    readPolicy(`${address}: '${attribute}'`, values[attribute], nameOf);

  /** Does this attribute mean that resource, by reference, name or ARN? */
  const means = (value: Value | undefined, resource: Resource): boolean | undefined => {
    if (value instanceof Unknown || value instanceof Template) return undefined;
    if (value instanceof Reference) return value.address === resource.address;
    const text = textOf(value);
    if (text === undefined) return false;
    const names = ["id", "arn", "name", "function_name", "key_id"].map((name) => resource.values[name]);
    return names.includes(text) || text === arnOf(resource);
  };
  /** The resources of a type whose attribute means `owner`; what may or may not is noted. */
  const attached = (type: string, attribute: string, owner: Resource): readonly Resource[] =>
    ofType(type).filter((resource) => {
      const answer = means(resource.values[attribute], owner);
      if (answer === undefined)
        unread.push({ at: `${resource.address}: '${attribute}'`, says: "is not known before apply" });
      return answer === true;
    });
  const managedPolicy = (at: string, value: Value | undefined): Policy => {
    const own = ofType("aws_iam_policy").find((policy) => means(value, policy) === true);
    if (own !== undefined) return policyOf(own);
    const shown = typeof value === "string" ? value : "a policy";
    return { statements: [], unread: [{ at, says: `${shown} is not in the plan` }] };
  };

  const principals = ofType("aws_iam_role", "aws_iam_user").map((resource): Principal => {
    const kind = resource.type === "aws_iam_role" ? "role" : "user";
    const { address, values } = resource;
    return {
      address,
      name: textOf(values["name"]) ?? address,
      arn: arnOf(resource),
      account,
      identity: [
        ...attached(`aws_iam_${kind}_policy`, kind, resource).map((policy) => policyOf(policy)),
        ...attached(`aws_iam_${kind}_policy_attachment`, kind, resource).map((policy) =>
          managedPolicy(policy.address, policy.values["policy_arn"]),
        ),
        ...listOf(values["inline_policy"]).map((inline) =>
          isBlock(inline) ? readPolicy(`${address}: 'inline_policy'`, inline["policy"], nameOf) : NO_POLICY,
        ),
        ...listOf(values["managed_policy_arns"]).map((arn) => managedPolicy(`${address}: 'managed_policy_arns'`, arn)),
      ],
      ...(kind === "role" ? { trust: policyOf(resource, "assume_role_policy") } : {}),
    };
  });

  const keys = ofType("aws_kms_key").map((resource): Key => {
    const [separate] = attached("aws_kms_key_policy", "key_id", resource);
    const own = separate ?? resource;
    const value = own.values["policy"];
    return {
      address: resource.address,
      arn: arnOf(resource),
      // KMS Developer Guide, "Default key policy": without one, the account's identity policies decide.
      policy:
        value === undefined || value === null || value === ""
          ? readPolicy(
              `${resource.address} (default policy)`,
              JSON.stringify({
                Statement: {
                  Effect: "Allow",
                  Principal: { AWS: `arn:aws:iam::${account}:root` },
                  Action: "kms:*",
                  Resource: "*",
                },
              }),
              nameOf,
            )
          : policyOf(own),
      grants: attached("aws_kms_grant", "key_id", resource).map(({ address, values }) => {
        const grantee = values["grantee_principal"];
        return { at: address, grantee: grantee instanceof Reference ? nameOf(grantee) : (textOf(grantee) ?? "*") };
      }),
    };
  });

  const keyOf = ({ address, values }: Resource): Secret["key"] => {
    const value = values["kms_key_id"];
    if (value === undefined || value === null || value === "") return undefined;
    const direct = ofType("aws_kms_key").find((key) => means(value, key) === true);
    const alias = ofType("aws_kms_alias").find((each) => means(value, each) === true)?.values["target_key_id"];
    const resource = direct ?? ofType("aws_kms_key").find((key) => alias !== undefined && means(alias, key) === true);
    return (
      keys.find((key) => key.address === resource?.address) ?? {
        at: `${address}: 'kms_key_id'`,
        says: "its key is not in the plan",
      }
    );
  };

  const secrets = ofType("aws_secretsmanager_secret").map((resource): Secret => {
    const { address, values } = resource;
    const [separate] = attached("aws_secretsmanager_secret_policy", "secret_arn", resource);
    const own = separate ?? resource;
    const value = own.values["policy"];
    return {
      address,
      arn: arnOf(resource),
      name: textOf(values["name"]) ?? address,
      policy: value === undefined || value === null || value === "" ? NO_POLICY : policyOf(own),
      key: keyOf(resource),
    };
  });

  const roleNamed = (value: Value | undefined, at: string): string => {
    const role = ofType("aws_iam_role").find((each) => means(value, each) === true);
    if (role !== undefined) return textOf(role.values["name"]) ?? role.address;
    if (value instanceof Unknown || value instanceof Template)
      unread.push({ at, says: "its role is not known before apply" });
    return typeof value === "string" ? (value.split("/").at(-1) ?? value) : "";
  };
  const runners: Runner[] = ofType("aws_lambda_function").map((resource) => ({
    address: resource.address,
    arns: [arnOf(resource)],
    role: roleNamed(resource.values["role"], resource.address),
    takenOverBy: ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"],
    policy: {
      statements: attached("aws_lambda_permission", "function_name", resource).flatMap((permission) => {
        const { action, principal } = permission.values;
        if (action === "lambda:InvokeFunction" || action === "lambda:InvokeFunctionUrl") return [];
        const statement = {
          Effect: "Allow",
          Principal: principal === "*" ? "*" : { AWS: principal },
          Action: action,
          Resource: "*",
        };
        const text = [action, principal].every((each) => typeof each === "string")
          ? JSON.stringify({ Statement: statement })
          : "";
        return readPolicy(permission.address, text, nameOf).statements;
      }),
      unread: [],
    },
  }));
  const clusters = ofType("aws_ecs_cluster").map(({ values }) => textOf(values["name"]) ?? "any");
  const taskArns = [...clusters, "any"].flatMap((cluster) =>
    [`cluster/${cluster}`, `task/${cluster}/any`].map((name) => `arn:aws:ecs:${region}:${account}:${name}`),
  );
  for (const task of ofType("aws_ecs_task_definition"))
    for (const attribute of ["task_role_arn", "execution_role_arn"])
      if (task.values[attribute] !== undefined && task.values[attribute] !== null)
        runners.push({
          address: task.address,
          arns: taskArns,
          role: roleNamed(task.values[attribute], `${task.address}: '${attribute}'`),
          // Amazon ECS Developer Guide, "Limiting access to the Start Session action": the second does without the first.
          takenOverBy: ["ecs:ExecuteCommand", "ssm:StartSession"],
          policy: NO_POLICY,
        });
  for (const { address, type, values } of managed)
    if (!HOLD_A_ROLE.has(type))
      for (const { address: target } of references(values))
        if (facts.byAddress.get(target)?.type === "aws_iam_role")
          unread.push({
            at: address,
            says: `${type} holds the role ${target}, and who could use it by that is not modelled`,
          });

  for (const { address, values } of ofType("aws_secretsmanager_secret"))
    if (listOf(values["replica"]).length > 0)
      unread.push({ at: `${address}: 'replica'`, says: "its copies in other regions are not modelled" });

  const managedPolicies = ofType("aws_iam_policy").map(arnOf);
  const declared = new Set([account, `arn:aws:iam::${account}:root`, ...principals.map(({ arn }) => arn)]);
  const policies = [
    ...principals.flatMap(({ trust }) => trust ?? []),
    ...[...secrets, ...keys, ...runners].map(({ policy }) => policy),
  ];
  const named = [
    ...policies.flatMap(({ statements }) =>
      statements.flatMap(({ allows, principals: whom }) => (allows ? (whom?.aws ?? []) : [])),
    ),
    ...keys.flatMap(({ grants }) => grants.map(({ grantee }) => grantee)),
  ];
  const outsiders = [...new Set(named)].filter((name) => /^(?:\d{12}$|arn:)/.test(name) && !declared.has(name));
  return { id: account, region, principals, secrets, keys, runners, managedPolicies, outsiders, unread };
};
