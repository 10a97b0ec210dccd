import { Reference, type Resource, Template, Unknown, type Value } from "../facts/facts";
import { isKnownProvider } from "../facts/known-providers";
import type { Step } from "../verdict";
import type { Principal } from "./account";
import { type AccountFacts, textOf } from "./account-facts";

/** Of the services that say who may do what, and by which one makes others: all that is read, or says nothing. */
const READ = new Set(
  [
    ...["role", "role_policy", "role_policy_attachment", "policy", "user", "user_policy", "user_policy_attachment"],
    ...["access_key", "user_login_profile", "user_ssh_key", "virtual_mfa_device", "account_alias", "instance_profile"],
    ...["account_password_policy", "service_linked_role", "openid_connect_provider", "saml_provider"],
    ...["server_certificate", "signing_certificate"],
  ].map((name) => `aws_iam_${name}`),
);
for (const name of ["key", "key_policy", "alias", "grant", "ciphertext"]) READ.add(`aws_kms_${name}`);
for (const name of ["", "_policy", "_version", "_rotation"]) READ.add(`aws_secretsmanager_secret${name}`);

const GIVES_RIGHTS =
  /^aws_(iam|kms|secretsmanager|ssoadmin|identitystore|rolesanywhere|ram|cloudformation|serverlessapplicationrepository|servicecatalog|cloudcontrolapi)_/;

/** What policies name by an ARN that is put together here, of the site's region and account. */
const HAS_AN_ARN = /^aws_(iam|kms|secretsmanager|lambda|ecs)_/;

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

/** Attributes that name a role without its ARN. */
const BY_NAME = /role|profile/i;

/** Does a value hold the role: by reference, ARN, or, where roles are named, its name? */
const holds = (value: Value, role: Principal, attribute = ""): boolean => {
  if (value instanceof Unknown || value === null) return false;
  if (value instanceof Reference) return value.address === role.address;
  if (value instanceof Template) return value.parts.some((part) => holds(part, role, attribute));
  if (typeof value === "string")
    return (
      (value.includes(role.arn) && value.split(/["\s,]/).includes(role.arn)) ||
      (BY_NAME.test(attribute) && value === role.name)
    );
  if (typeof value !== "object") return false;
  return Object.entries(value).some(([key, item]) =>
    holds(item as Value, role, Array.isArray(value) ? attribute : key),
  );
};

const holder = (principals: readonly Principal[], { address, type, values }: Resource): readonly Step[] =>
  HOLD_A_ROLE.has(type)
    ? []
    : principals
        .filter(({ trust }) => trust !== undefined)
        .filter((role) => holds(values, role))
        .map((role) => ({
          at: address,
          says: `${type} holds the role ${role.address}, and who could use it by that is not modelled`,
        }));

/** What could let somebody at a secret and is not modelled. */
export const unmodelled = (account: AccountFacts, principals: readonly Principal[]): readonly Step[] => [
  ...account.facts.unread.map(({ place, reason }) => ({ at: place, says: reason })),
  ...account.managed.flatMap((resource): readonly Step[] => {
    const { address, type, provider } = resource;
    if (!isKnownProvider(provider)) return [{ at: address, says: `what '${provider}' does is not known` }];
    if (resource.alias !== undefined && HAS_AN_ARN.test(type) && textOf(resource.values["arn"]) === undefined)
      return [{ at: address, says: `is made by 'aws.${resource.alias}': in which region or account is not modelled` }];
    if (GIVES_RIGHTS.test(type) && !READ.has(type)) return [{ at: address, says: `${type} is not modelled` }];
    return holder(principals, resource);
  }),
  ...(/^(cn|us-gov|us-iso\w*|eu-isoe)-/.test(account.id.region)
    ? [{ at: `region ${account.id.region}`, says: "ARNs of this partition are not modelled" }]
    : []),
];
