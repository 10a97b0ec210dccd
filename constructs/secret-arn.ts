import type { Site } from "../policy/site";

/**
 * ARN pattern of a site's secret, or of a family of them (`riverside/credentials/*`).
 *
 * A pattern and not the resource's own attribute, because the keys' policies name the secrets that in turn name the keys.
 * Secrets Manager appends a hyphen and six random characters to a name; exactly six `?` keep `site/ca` from matching
 * `site/ca-backup` (AWS Secrets Manager User Guide, "Permissions policy examples").
 */
export const secretArn = (site: Site, name: string): string =>
  `arn:aws:secretsmanager:${site.aws.region}:${site.aws.account}:secret:${name}-??????`;
