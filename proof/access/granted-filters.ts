import { IDENTITY } from "../../policy/access-document";
import { renderFilter } from "../../policy/render-filter";
import type { AccessDocument, AccessIdentity } from "./access-document";
import { FilterTrie } from "./filter-trie";

/** `own`: only those filters whose role names the identity in them; `all`: shared ones, too. */
export type Which = "all" | "own";

export const isOwnFilter = (filter: string): boolean => filter.split("/").includes(IDENTITY);

/** The filters of an identity with its name filled in. */
export const grantedFilters = (
  { name, role }: AccessIdentity,
  right: "publish" | "subscribe",
  which: Which = "all",
): readonly string[] =>
  (role?.[right] ?? [])
    .filter((filter) => which === "all" || isOwnFilter(filter))
    .map((filter) => renderFilter(filter, name));

/** All edge identities' filters of one kind. */
export const edgeTrie = (
  { identities }: AccessDocument,
  right: "publish" | "subscribe",
  which: Which = "all",
): FilterTrie => {
  const trie = new FilterTrie();
  for (const [owner, identity] of identities.entries())
    if (identity.kind === "edge")
      for (const filter of grantedFilters(identity, right, which)) trie.add({ owner, filter });
  return trie;
};
