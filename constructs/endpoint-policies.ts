import { logGroupName, secretName, tableName } from "../policy/deployment";
import type { Site } from "../policy/site";
import { imageRegistry } from "./image-registry";
import { policyDocument, type Statement } from "./policy-document";
import { secretArn } from "./secret-arn";

export type InterfaceService = "ecr.api" | "ecr.dkr" | "secretsmanager" | "logs";
export type GatewayService = "s3" | "dynamodb";

/**
 * What may pass each endpoint, as IAM policy documents: the calls that the broker's tasks and the agent that starts them
 * make, on this site's resources by their names, by principals of the site's account. What an endpoint admits, a role must
 * still allow.
 */
export function endpointPolicies(site: Site): Readonly<Record<InterfaceService | GatewayService, string>> {
  const { account, region } = site.aws;
  const own = (Sid: string, Action: readonly string[], Resource: string | readonly string[]): Statement => ({
    Sid,
    Effect: "Allow",
    Principal: "*",
    Action,
    Resource,
    Condition: { StringEquals: { "aws:PrincipalAccount": account } },
  });

  const pull = policyDocument(
    // This action knows no resource.
    own("SignIn", ["ecr:GetAuthorizationToken"], "*"),
    own(
      "PullTheBrokersImage",
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      imageRegistry(site).repositoryArn,
    ),
  );
  return {
    "ecr.api": pull,
    "ecr.dkr": pull,
    secretsmanager: policyDocument(
      own(
        "ReadWhatTheBrokerReads",
        ["secretsmanager:GetSecretValue"],
        [secretName.serverCertificate(site.name), `${site.name}/credentials/*`, `${site.name}/access/*`].map((name) =>
          secretArn(site, name),
        ),
      ),
    ),
    logs: policyDocument(
      own(
        "WriteTheBrokersLog",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        `arn:aws:logs:${region}:${account}:log-group:${logGroupName.broker(site.name)}:*`,
      ),
    ),
    dynamodb: policyDocument(
      own(
        "LeaseAndManifests",
        ["dynamodb:GetItem", "dynamodb:UpdateItem"],
        `arn:aws:dynamodb:${region}:${account}:table/${tableName(site.name)}`,
      ),
    ),
    s3: policyDocument({
      Sid: "ImageLayers",
      Effect: "Allow",
      Principal: "*",
      Action: ["s3:GetObject"],
      // ECR keeps image layers in its own bucket and hands out presigned URLs, signed by a principal of ECR's account: a
      // condition on ours would stop every pull (ECR user guide, "Minimum Amazon S3 bucket permissions").
      Resource: `arn:aws:s3:::${layerBucket(site)}/*`,
    }),
  };
}

/** The bucket in which ECR keeps a region's image layers. */
export const layerBucket = (site: Site): string => `prod-${site.aws.region}-starport-layer-bucket`;
