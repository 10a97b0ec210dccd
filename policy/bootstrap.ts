/**
 * The names of what an account and region has once, before its first site: `stacks/bootstrap-stack` creates under them,
 * the site stacks' backend and `dmz image push` look under them.
 */
export const bootstrapName = {
  /** Terraform state of every site in the account and region. Bucket names are global: the account makes it unique. */
  stateBucket: (account: string, region: string): string => `mqtt-dmz-state-${account}-${region}`,
  /** ECR repository of the broker's image. */
  repository: "mqtt-dmz/broker",
  /** KMS alias of the image-signing key (ECC_NIST_P256, decision 10). */
  signingKeyAlias: "alias/mqtt-dmz-image-signing",
  /** The stack that creates them. */
  stack: (account: string, region: string): string => `bootstrap-${account}-${region}`,
} as const;
