import type { Step } from "../verdict";
import type { AccessDocument, AccessIdentity } from "./access-document";
import { FilterTrie } from "./filter-trie";
import { grantedFilters } from "./granted-filters";
import { reaches } from "./reaches";

const OPPOSITE = { publish: "subscribe", subscribe: "publish" } as const;
const SAYS = {
  publish: "may be published, and no other identity may read it",
  subscribe: "may be read, and no other identity may write it",
} as const;

const trieOf = (identities: readonly AccessIdentity[], right: "publish" | "subscribe"): FilterTrie => {
  const trie = new FilterTrie();
  for (const [owner, identity] of identities.entries())
    for (const filter of grantedFilters(identity, right)) trie.add({ owner, filter });
  return trie;
};

/**
 * Grants that meet no counterpart: a command topic that nobody writes, a SCADA host whose group has no gateway. Nobody
 * gains anything by them, and a plant that grows has them all the time: remarks for a reviewer, never a violation. `$SYS`
 * is the broker's own to write.
 *
 * @returns one remark a role and filter, with the first identity that it is idle for.
 */
export const idleGrants = ({ identities }: AccessDocument): readonly Step[] => {
  const remarks = new Map<string, Step>();
  for (const right of ["publish", "subscribe"] as const) {
    const counterparts = trieOf(identities, OPPOSITE[right]);
    for (const [owner, identity] of identities.entries())
      for (const [index, filter] of grantedFilters(identity, right).entries()) {
        const written = identity.role?.[right][index] ?? filter;
        const key = `${identity.roleId} ${right} ${written}`;
        if (filter.startsWith("$") || remarks.has(key) || reaches(counterparts, filter, owner)) continue;
        remarks.set(key, { at: identity.at, says: `"${filter}" (role "${identity.roleId}") ${SAYS[right]}` });
      }
  }
  return [...remarks.values()];
};
