import type { Site } from "../policy/site";
import { layerBucket } from "./endpoint-policies";
import { imageRegistry } from "./image-registry";

/**
 * The DNS names that the broker's tasks and the agent that starts them look up: the services behind the endpoints, the
 * image's registry and layer bucket, and the store. All are in zones that AWS alone serves, so a query for any of them
 * carries nothing to anybody else. Fully qualified, as the service stores them: without the last dot every plan would show a
 * difference.
 */
export function allowedNames(site: Site): string[] {
  const { account, region } = site.aws;
  const service = (name: string) => `${name}.${region}.amazonaws.com.`;
  return [
    service("api.ecr"),
    `${imageRegistry(site).host}.`,
    service(`${layerBucket(site)}.s3`),
    // ECR in us-east-1 hands out the global name.
    ...(region === "us-east-1" ? [`${layerBucket(site)}.s3.amazonaws.com.`] : []),
    service("secretsmanager"),
    service("logs"),
    service("dynamodb"),
    // The SDK prefers an account's own name where its credentials tell the account.
    service(`${account}.ddb`),
    // `<file system>.efs` and, on a second try, `<zone>.<file system>.efs`: ids that are not known before apply.
    service("*.efs"),
  ];
}
