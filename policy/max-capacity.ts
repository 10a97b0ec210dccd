/** The most identities that a site is sized for: a hundred shards of the access document. */
export const MAX_CAPACITY = 50_000;
