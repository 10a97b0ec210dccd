import type { AccessShard } from "../../policy/access-document";

/**
 * Reads a shard of the access document and checks that it is this site's and in its place; `compileAccess` checks the rest.
 * @throws naming the shard and the rule.
 */
export function parseAccessShard(text: string, site: string, shard: number): AccessShard {
  const fault = (rule: string): Error => new Error(`${site}/access/${shard}: ${rule}; apply the site again`);
  let parsed: Partial<AccessShard> | null;
  try {
    parsed = JSON.parse(text) as Partial<AccessShard> | null;
  } catch (cause) {
    throw new Error(`${site}/access/${shard}: must be JSON; apply the site again`, { cause });
  }
  if (parsed?.version !== 1) throw fault(`must be an object of version 1, got ${JSON.stringify(parsed?.version)}`);
  if (parsed.site !== site || parsed.shard !== shard)
    throw fault(`must carry its own site and shard number, got '${parsed.site}' and ${parsed.shard}`);
  if (typeof parsed.roles !== "object" || parsed.roles === null || !Array.isArray(parsed.identities)) {
    throw fault("must have 'roles' and 'identities'");
  }
  return parsed as AccessShard;
}
