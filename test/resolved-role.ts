import type { ResolvedRole, Role } from "../policy/role";

/** What `defineSite` makes of a role, without its rules. */
export const resolvedRole = ({ id, template, grants, sharedReads }: Role, site: string): ResolvedRole => ({
  id,
  template,
  grants: grants(site),
  sharedReads: sharedReads?.(site) ?? [],
});
