import type { AccessShard, IdentityRow, RoleGrants } from "../../../policy/access-document";
import { shardOf } from "../../../policy/shard";
import { readAccessDocument } from "../../../proof/access/read-access-document";

/** Shards as a deployer would write them, sound or not: each row in its home shard, with its role. */
export const shardsOf = (
  roles: Readonly<Record<string, RoleGrants>>,
  identities: readonly IdentityRow[],
  shards = 1,
): readonly AccessShard[] =>
  Array.from({ length: shards }, (_, shard) => {
    const own = identities.filter(([name]) => shardOf(name, shards) === shard);
    const used = new Set(own.map(([, , role]) => role));
    return {
      version: 1,
      site: "plant",
      shard,
      shards,
      roles: Object.fromEntries(Object.entries(roles).filter(([id]) => used.has(id))),
      identities: own,
    };
  });

export const documentOf = (shards: readonly AccessShard[]) =>
  readAccessDocument(shards.map((value) => ({ at: `${value.site}/access/${value.shard}`, value })));
