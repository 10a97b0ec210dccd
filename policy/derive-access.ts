import type { AccessShard, IdentityRow, RoleGrants } from "./access-document";
import { canonicalJson } from "./canonical-json";
import { shardCount } from "./deployment";
import { shardOf } from "./shard";
import type { Identity, Site } from "./site";

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sorted = (filters: readonly string[]): readonly string[] => [...new Set(filters)].sort(compare);

const rowOf = ({ name, kind, role, certificate }: Identity): IdentityRow => [
  name,
  kind === "edge" ? "e" : "n",
  role.id,
  certificate === "required" ? 1 : 0,
];

/**
 * The access document of a site: who exists and what each may publish and subscribe. As many shards as its capacity
 * asks for, empty ones too; rows sorted by name and each role's filters sorted, so that the order of the declaration
 * does not show.
 */
export const deriveAccess = (site: Site): readonly AccessShard[] => {
  const shards = shardCount(site.capacity).access;
  const members: Identity[][] = Array.from({ length: shards }, () => []);
  for (const identity of site.identities) members[shardOf(identity.name, shards)]!.push(identity);
  const grants = new Map<string, RoleGrants>();
  for (const { role } of site.identities) {
    if (grants.has(role.id)) continue;
    const { publish, subscribe } = role.grants;
    grants.set(role.id, { publish: sorted(publish), subscribe: sorted(subscribe) });
  }
  return members.map((identities, shard) => ({
    version: 1,
    site: site.name,
    shard,
    shards,
    roles: Object.fromEntries(sorted(identities.map(({ role }) => role.id)).map((id) => [id, grants.get(id)!])),
    identities: identities.map(rowOf).sort(([a], [b]) => compare(a, b)),
  }));
};

/** The shard's exact bytes: compact JSON with sorted keys and rows. Equal shards render equal, in whatever order built. */
export const renderShard = (shard: AccessShard): string =>
  canonicalJson({ ...shard, identities: [...shard.identities].sort(([a], [b]) => compare(a, b)) });
