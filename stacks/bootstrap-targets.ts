import type { Site } from "../policy/site";
import type { BootstrapStackProps } from "./bootstrap-stack";

/** The accounts and regions in which sites live, each once, with the roles that deploy there. */
export function bootstrapTargets(sites: Iterable<Site>): readonly BootstrapStackProps[] {
  const targets = new Map<string, { account: string; region: string; roles: Set<string> }>();
  for (const { aws } of sites) {
    const key = `${aws.account}/${aws.region}`;
    const target = targets.get(key) ?? { account: aws.account, region: aws.region, roles: new Set() };
    target.roles.add(aws.deployerRole);
    targets.set(key, target);
  }
  return [...targets.values()].map(({ account, region, roles }) => ({
    account,
    region,
    // Sorted, so that the order in which sites are read changes no policy.
    deployerRoles: [...roles].sort(),
  }));
}
