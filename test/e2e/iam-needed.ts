import { functionName, logGroupName } from "../../policy/deployment";
import type { Site } from "../../policy/site";
import type { DeployedPolicies } from "./iam-policies";
import type { IamQuestion } from "./iam-question";
import { CA_FUNCTIONS } from "./principals";
import type { RecordedCall } from "./recorded-call";

/** Names of the roles, by principal of the run. */
export interface RoleNames {
  readonly broker: string;
  readonly execution: string;
  readonly functions: (name: (typeof CA_FUNCTIONS)[number]) => string;
}

const IAM_PREFIX: Readonly<Record<string, string>> = { elasticloadbalancing: "elasticloadbalancing" };
const VERSION = "EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE";

/**
 * Every call that the site's runtime roles must be allowed: those recorded, the use of a key that each implies, and
 * those that AWS itself makes in a role's name, which no emulator shows.
 */
export function neededCalls(
  calls: readonly RecordedCall[],
  site: Site,
  policies: DeployedPolicies,
  roles: RoleNames,
  fileSystem: { readonly arn: string; readonly accessPoint: string },
): IamQuestion[] {
  const { account, region } = site.aws;
  const questions = new Map<string, IamQuestion>();
  const add = (question: IamQuestion): void => {
    const { role, action, resource, context } = question;
    const key = JSON.stringify([role, action, resource, context]);
    if (!questions.has(key)) questions.set(key, question);
  };
  const viaSecretsManager = (secret: string) => ({
    "kms:ViaService": `secretsmanager.${region}.amazonaws.com`,
    "kms:CallerAccount": account,
    "kms:EncryptionContext:SecretARN": secret,
    "kms:EncryptionContext:SecretVersionId": VERSION,
    "kms:EncryptionContextKeys": ["SecretARN", "SecretVersionId"],
  });

  for (const call of calls) {
    const isFunction = CA_FUNCTIONS.find((name) => name === call.principal);
    if (call.principal !== "broker" && !isFunction) continue;
    const role = isFunction ? roles.functions(isFunction) : roles.broker;
    const endpoint = isFunction ? undefined : call.service;
    for (const resource of call.resources) {
      // Version ids differ from call to call and no policy names one.
      const context = Object.fromEntries(
        Object.entries(call.context).filter(([key]) => key !== "secretsmanager:VersionId"),
      );
      const action = `${IAM_PREFIX[call.service] ?? call.service}:${call.action}`;
      add({ role, action, resource, context, why: "recorded", endpoint });
      if (call.service !== "secretsmanager") continue;
      const key = policies.keyOfSecret.get(resource);
      if (key === undefined) continue;
      const uses = { GetSecretValue: ["Decrypt"], PutSecretValue: ["GenerateDataKey", "Decrypt"] }[call.action] ?? [];
      // AWS Secrets Manager User Guide, "Secret encryption and decryption".
      for (const use of uses)
        add({
          role,
          action: `kms:${use}`,
          resource: key,
          context: viaSecretsManager(resource),
          why: `implied by ${call.action}`,
        });
    }
  }

  const stream = (group: string): string => `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:x`;
  for (const name of CA_FUNCTIONS)
    for (const action of ["logs:CreateLogStream", "logs:PutLogEvents"])
      add({
        role: roles.functions(name),
        action,
        resource: stream(`/aws/lambda/${functionName[name](site.name)}`),
        context: {},
        why: "Lambda writes the function's log in its name",
      });
  for (const action of ["logs:CreateLogStream", "logs:PutLogEvents"])
    add({
      role: roles.execution,
      action,
      resource: stream(logGroupName.broker(site.name)),
      context: {},
      why: "Fargate writes the container's log",
      endpoint: "logs",
    });
  const repository = `arn:aws:ecr:${region}:${account}:repository/${site.broker.image.split("/").slice(1).join("/").split("@")[0]!}`;
  for (const action of ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"])
    for (const endpoint of ["ecr.api", "ecr.dkr"])
      add({
        role: roles.execution,
        action: `ecr:${action}`,
        resource: repository,
        context: {},
        why: "Fargate pulls the image",
        endpoint,
      });
  const login = { resource: "*", context: {}, why: "Fargate logs in to the registry", endpoint: "ecr.api" };
  add({ role: roles.execution, action: "ecr:GetAuthorizationToken", ...login });
  for (const action of ["ClientMount", "ClientWrite"])
    add({
      role: roles.broker,
      action: `elasticfilesystem:${action}`,
      resource: fileSystem.arn,
      context: {
        "elasticfilesystem:AccessPointArn": fileSystem.accessPoint,
        "elasticfilesystem:AccessedViaMountTarget": "true",
      },
      why: "Fargate mounts the message store in the task's name",
    });
  return [...questions.values()];
}
