import type { AwsApi } from "./aws-api";
import { all, textOf } from "./xml";

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}
export interface Policy {
  readonly Version: string;
  readonly Statement: readonly PolicyStatement[];
}

/** Every policy that decides on the calls of the site's principals, as AWS holds them. */
export interface DeployedPolicies {
  /** Role name to its inline policies by name. */
  readonly roles: ReadonlyMap<string, ReadonlyMap<string, Policy>>;
  /** ARN of a key, secret, file system or function to its policy. */
  readonly resources: ReadonlyMap<string, Policy>;
  /** `secretsmanager`, `dynamodb`, `logs`, `ecr.api`, ... to the endpoint's policy. */
  readonly endpoints: ReadonlyMap<string, Policy>;
  /** Secret ARN to the ARN of its key. */
  readonly keyOfSecret: ReadonlyMap<string, string>;
}

const parse = (text: string): Policy => {
  const policy = JSON.parse(text) as Policy;
  return { ...policy, Statement: [policy.Statement].flat() };
};

/**
 * Reads them back from AWS: of roles, those whose name starts with the prefix.
 * @throws when such a role has a managed policy, which this check would not see.
 */
export async function readPolicies(aws: AwsApi, prefix: string): Promise<DeployedPolicies> {
  const roles = new Map<string, Map<string, Policy>>();
  for (const role of all(await aws.query("iam", "ListRoles"), "RoleName").map((element) => element.text.trim())) {
    if (!role.startsWith(prefix)) continue;
    const attached = all(await aws.query("iam", "ListAttachedRolePolicies", { RoleName: role }), "PolicyArn");
    if (attached.length > 0) throw new Error(`role ${role} has managed policies`);
    const policies = new Map<string, Policy>();
    for (const { text } of all(await aws.query("iam", "ListRolePolicies", { RoleName: role }), "member")) {
      const answer = await aws.query("iam", "GetRolePolicy", { RoleName: role, PolicyName: text.trim() });
      const document = textOf(answer, "PolicyDocument");
      policies.set(text.trim(), parse(document.startsWith("{") ? document : decodeURIComponent(document)));
    }
    roles.set(role, policies);
  }

  const resources = new Map<string, Policy>();
  const keyOfSecret = new Map<string, string>();
  const { Keys } = await aws.json<{ Keys: { KeyId: string; KeyArn: string }[] }>("kms", "ListKeys", {});
  for (const { KeyId, KeyArn } of Keys) {
    const { Policy: text } = await aws.json<{ Policy: string }>("kms", "GetKeyPolicy", {
      KeyId,
      PolicyName: "default",
    });
    resources.set(KeyArn, parse(text));
  }
  const { SecretList } = await aws.json<{ SecretList: { ARN: string; KmsKeyId?: string }[] }>(
    "secretsmanager",
    "ListSecrets",
    {},
  );
  for (const { ARN, KmsKeyId } of SecretList) {
    const key = Keys.find(({ KeyArn, KeyId }) => KeyArn === KmsKeyId || KeyId === KmsKeyId);
    if (!key) throw new Error(`${ARN} is not under a customer-managed key`);
    keyOfSecret.set(ARN, key.KeyArn);
    const { ResourcePolicy } = await aws.json<{ ResourcePolicy?: string }>("secretsmanager", "GetResourcePolicy", {
      SecretId: ARN,
    });
    if (ResourcePolicy) resources.set(ARN, parse(ResourcePolicy));
  }
  const { FileSystems } = JSON.parse(await aws.rest("elasticfilesystem", "GET", "/2015-02-01/file-systems")) as {
    FileSystems: { FileSystemId: string; FileSystemArn: string }[];
  };
  for (const { FileSystemId, FileSystemArn } of FileSystems) {
    const answer = await aws.rest("elasticfilesystem", "GET", `/2015-02-01/file-systems/${FileSystemId}/policy`);
    resources.set(FileSystemArn, parse((JSON.parse(answer) as { Policy: string }).Policy));
  }
  const { Functions } = JSON.parse(await aws.rest("lambda", "GET", "/2015-03-31/functions")) as {
    Functions: { FunctionName: string; FunctionArn: string }[];
  };
  for (const { FunctionName, FunctionArn } of Functions) {
    const answer = await aws
      .rest("lambda", "GET", `/2015-03-31/functions/${FunctionName}/policy`)
      .catch(() => undefined);
    if (answer === undefined) continue;
    const policy = parse((JSON.parse(answer) as { Policy: string }).Policy);
    if (policy.Statement.length > 0) resources.set(FunctionArn, policy);
  }

  const endpoints = new Map<string, Policy>();
  for (const item of all(await aws.query("ec2", "DescribeVpcEndpoints"), "item")) {
    const service = all(item, "serviceName")[0]?.text.trim().split(".").slice(3).join(".");
    const document = all(item, "policyDocument")[0]?.text;
    if (service !== undefined && document !== undefined) endpoints.set(service, parse(document));
  }
  return { roles, resources, endpoints, keyOfSecret };
}
