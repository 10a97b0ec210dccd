import { itemKey, secretName } from "../policy/deployment";
import type { Site } from "../policy/site";
import { imageRegistry } from "./image-registry";
import type { MessageStore } from "./message-store";
import { onlyItems } from "./only-items";
import type { Statement } from "./policy-document";
import { secretArn } from "./secret-arn";

/**
 * What the broker may call: exactly what it does call. That it may decrypt is in the keys' own policies and nowhere
 * else. The CA secret is not here.
 */
export const taskPermissions = (site: Site, tableArn: string, store: MessageStore): readonly Statement[] => [
  {
    Sid: "ReadsCertificateCredentialsAndAccess",
    Effect: "Allow",
    Action: "secretsmanager:GetSecretValue",
    Resource: [
      secretArn(site, secretName.serverCertificate(site.name)),
      secretArn(site, `${site.name}/credentials/*`),
      secretArn(site, `${site.name}/access/*`),
    ],
  },
  {
    Sid: "FollowsLeaseAndManifests",
    Effect: "Allow",
    Action: "dynamodb:GetItem",
    Resource: tableArn,
    Condition: onlyItems(itemKey.lease, itemKey.manifest("credentials"), itemKey.manifest("access")),
  },
  {
    Sid: "ContendsForTheLease",
    Effect: "Allow",
    Action: "dynamodb:UpdateItem",
    Resource: tableArn,
    Condition: onlyItems(itemKey.lease),
  },
  {
    Sid: "MountsTheMessageStore",
    Effect: "Allow",
    Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
    Resource: store.fileSystem.arn,
    Condition: { StringEquals: { "elasticfilesystem:AccessPointArn": store.accessPoint.arn } },
  },
];

/** What Fargate may call to start the broker. */
export const executionPermissions = (site: Site, logGroupArn: string): readonly Statement[] => [
  {
    // This call knows no resource: the token is the caller's own (Service Authorization Reference, Amazon ECR).
    Sid: "LogsInToTheRegistry",
    Effect: "Allow",
    Action: "ecr:GetAuthorizationToken",
    Resource: "*",
  },
  {
    Sid: "PullsTheImage",
    Effect: "Allow",
    Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    Resource: imageRegistry(site).repositoryArn,
  },
  {
    Sid: "WritesTheLog",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: `${logGroupArn}:*`,
  },
];
