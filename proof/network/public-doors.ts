import type { Facts, Resource } from "../facts/facts";
import { readPolicy } from "../secrets/read-policy";
import type { Step } from "../verdict";
import { Attributes } from "./attributes";
import { limitsCallers } from "./limits-callers";

/** Policies by which somebody outside of the account is let in to a resource through AWS's API, which is on the internet. */
const POLICIES: Readonly<Record<string, string>> = {
  aws_backup_vault_policy: "policy",
  aws_cloudwatch_event_bus_policy: "policy",
  aws_dynamodb_resource_policy: "policy",
  aws_ecr_repository_policy: "policy",
  aws_glacier_vault: "access_policy",
  aws_kinesis_resource_policy: "policy",
  aws_s3_access_point: "policy",
  aws_s3_bucket: "policy",
  aws_s3_bucket_policy: "policy",
  aws_s3control_access_point_policy: "policy",
  aws_secretsmanager_secret: "policy",
  aws_secretsmanager_secret_policy: "policy",
  aws_sns_topic: "policy",
  aws_sns_topic_policy: "policy",
  aws_sqs_queue: "policy",
  aws_sqs_queue_policy: "policy",
};

const ACLS: readonly string[] = ["aws_s3_bucket", "aws_s3_bucket_acl", "aws_s3_bucket_object", "aws_s3_object"];
const PUBLIC_ACLS: readonly string[] = ["public-read", "public-read-write", "authenticated-read"];
/** Doubts about what AWS hands to anybody on the internet, without any network of the account: buckets, topics, queues. */
export const publicDoors = (facts: Facts, doubts: Step[]): Step[] =>
  facts.resources
    .filter(({ mode }) => mode === "managed")
    .flatMap((resource) => {
      const attributes = Attributes.of(resource, doubts);
      const says = [
        ...openPolicy(resource, facts),
        ...(ACLS.includes(resource.type) ? openAcl(attributes) : []),
        ...(resource.type === "aws_s3_bucket" && attributes.isSet("website") ? ["serves a website"] : []),
        ...(resource.type === "aws_lambda_event_source_mapping" && attributes.isSet("source_access_configuration")
          ? ["may take messages by interfaces of its own in a network"]
          : []),
        ...(resource.type === "aws_lambda_permission" ? openFunction(attributes) : []),
      ];
      return says.map((what) => ({ at: resource.address, says: `${what}: whom that lets in is not modelled` }));
    });

function openPolicy(resource: Resource, facts: Facts): string[] {
  const name = Object.hasOwn(POLICIES, resource.type) ? POLICIES[resource.type]! : undefined;
  const value = name === undefined ? undefined : resource.values[name];
  if (name === undefined || value === undefined || value === null || value === "" || isBlocked(resource, facts))
    return [];
  const { statements, unread } = readPolicy(name, value, ({ address, attribute }) => `${address}.${attribute}`);
  const open = statements.filter(
    ({ allows, odd, principals, conditions }) =>
      odd !== undefined || (allows && (principals?.everybody ?? true) && !limitsCallers(conditions)),
  );
  return [
    ...unread.map(({ says }) => `has a policy that ${says}`),
    ...open.map(({ at, odd }) => `has a ${at} that ${odd ?? "allows everybody"}`),
  ];
}

/** A bucket's policy that lets everybody in is refused, if the bucket's public access is blocked. */
const isBlocked = ({ type, values }: Resource, facts: Facts): boolean =>
  type === "aws_s3_bucket_policy" &&
  facts.resources.some(
    (block) =>
      block.type === "aws_s3_bucket_public_access_block" &&
      block.mode === "managed" &&
      block.values.block_public_policy === true &&
      block.values.restrict_public_buckets === true &&
      isSameBucket(block.values.bucket, values.bucket),
  );

const isSameBucket = (one: unknown, other: unknown): boolean =>
  one !== undefined && one !== null && JSON.stringify(one) === JSON.stringify(other);

function openAcl(attributes: Attributes): string[] {
  const acl = attributes.text("acl");
  const grants = [
    ...attributes.blocks("grant"),
    ...attributes.blocks("access_control_policy").flatMap((policy) => policy.blocks("grant")),
  ];
  const uris = grants.flatMap((grant) => [grant, ...grant.blocks("grantee")]).map((one) => one.text("uri") ?? "");
  return [
    ...(acl !== undefined && PUBLIC_ACLS.includes(acl) ? [`has the ACL '${acl}'`] : []),
    ...(uris.some((uri) => /\/(?:AllUsers|AuthenticatedUsers)$/.test(uri)) ? ["has an ACL that names everybody"] : []),
  ];
}

function openFunction(attributes: Attributes): string[] {
  const limited = ["source_arn", "source_account", "principal_org_id"].some((name) => attributes.isSet(name));
  return attributes.text("principal") === "*" && !limited ? ["lets everybody call a function"] : [];
}
