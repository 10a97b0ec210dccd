import { bootstrapName } from "../policy/bootstrap";
import { NOT_PUSHED } from "../policy/not-pushed";
import type { Site } from "../policy/site";

/** Where the site's image lies in ECR. */
export interface ImageRegistry {
  /** Registry's DNS name. */
  readonly host: string;
  /** ARN of the repository. */
  readonly repositoryArn: string;
}

const ECR_IMAGE = /^((\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com)\/([^@:]+)@sha256:[0-9a-f]{64}$/;

/**
 * Takes an image name apart: an isolated task pulls only from ECR, and only in its own region (decision 10). For
 * `NOT_PUSHED`, which synthesizes so that a new site can be reviewed, it is the repository of the bootstrap stack.
 *
 * @throws Error that names the value and the rule.
 */
export function imageRegistry(site: Site): ImageRegistry {
  const { image } = site.broker;
  const { account: own, region } = site.aws;
  if (image === NOT_PUSHED)
    return {
      host: `${own}.dkr.ecr.${region}.amazonaws.com`,
      repositoryArn: `arn:aws:ecr:${region}:${own}:repository/${bootstrapName.repository}`,
    };
  const [, host, account, imageRegion, repository] = ECR_IMAGE.exec(image) ?? [];
  if (!host || imageRegion !== region)
    throw new Error(
      `site '${site.name}': 'broker.image' must be in ECR in the site's region, as ` +
        `<account>.dkr.ecr.${region}.amazonaws.com/<repository>@sha256:<64 hex>, since the tasks reach no other registry, ` +
        `got '${image}': push it with 'dmz image push' and write down what that prints`,
    );
  return { host, repositoryArn: `arn:aws:ecr:${region}:${account}:repository/${repository}` };
}
