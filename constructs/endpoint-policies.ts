import { logGroupName, secretName, tableName } from "../policy/deployment";
import type { Site } from "../policy/site";
import { imageRegistry } from "./image-registry";

export type InterfaceService = "ecr.api" | "ecr.dkr" | "secretsmanager" | "logs";
export type GatewayService = "s3" | "dynamodb";

/** An IAM policy document. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/**
 * What may pass each endpoint: the calls that the broker's tasks and the agent that starts them make, on this site's
 * resources by their names, by principals of the site's account. What an endpoint admits, a role must still allow.
 */
export function endpointPolicies(site: Site): Readonly<Record<InterfaceService | GatewayService, PolicyDocument>> {
  const { account, region } = site.aws;
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  // Secrets Manager appends a hyphen and six characters to a name.
  const secret = (name: string) => arn("secretsmanager", `secret:${name}-??????`);
  const own = (Action: readonly string[], Resource: readonly string[]): Readonly<Record<string, unknown>> => ({
    Effect: "Allow",
    Principal: "*",
    Action,
    Resource,
    Condition: { StringEquals: { "aws:PrincipalAccount": account } },
  });
  const policy = (...Statement: PolicyDocument["Statement"]): PolicyDocument => ({ Version: "2012-10-17", Statement });

  const pull = policy(
    // This action knows no resource.
    own(["ecr:GetAuthorizationToken"], ["*"]),
    own(
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      [imageRegistry(site).repositoryArn],
    ),
  );
  return {
    "ecr.api": pull,
    "ecr.dkr": pull,
    secretsmanager: policy(
      own(
        ["secretsmanager:GetSecretValue"],
        [
          secret(secretName.serverCertificate(site.name)),
          secret(`${site.name}/credentials/*`),
          secret(`${site.name}/access/*`),
        ],
      ),
    ),
    logs: policy(
      own(
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [arn("logs", `log-group:${logGroupName.broker(site.name)}:*`)],
      ),
    ),
    dynamodb: policy(
      own(["dynamodb:GetItem", "dynamodb:UpdateItem"], [arn("dynamodb", `table/${tableName(site.name)}`)]),
    ),
    s3: policy({
      Effect: "Allow",
      Principal: "*",
      Action: ["s3:GetObject"],
      // ECR keeps image layers in its own bucket and hands out presigned URLs, signed by a principal of ECR's account: a
      // condition on ours would stop every pull (ECR user guide, "Minimum Amazon S3 bucket permissions").
      Resource: [`arn:aws:s3:::${layerBucket(site)}/*`],
    }),
  };
}

/** The bucket in which ECR keeps a region's image layers. */
export const layerBucket = (site: Site): string => `prod-${site.aws.region}-starport-layer-bucket`;
