/** A level that consists of this placeholder alone stands for the identity's name. It fills exactly one whole level. */
export const IDENTITY = "{id}";

/** A role's topic filters; `{id}` as one whole level stands for the identity's name. */
export interface RoleGrants {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * One identity: `[name, kind, role, certificate]`; kind `"e"` edge or `"n"` enterprise; role is a key of `roles`;
 * certificate 1 required, 0 password-only.
 */
export type IdentityRow = readonly [name: string, kind: "e" | "n", role: string, certificate: 0 | 1];

/**
 * One shard of the access document: below 64 KiB of UTF-8 JSON and complete in itself (it carries the roles of its own
 * rows). Not secret, but integrity-critical. The JSON Schema is `accessShardSchema` in `access-document.schema.ts`.
 */
export interface AccessShard {
  readonly version: 1;
  readonly site: string;
  /** Index of this shard, from 0. */
  readonly shard: number;
  /** Number of shards of the document. */
  readonly shards: number;
  readonly roles: Readonly<Record<string, RoleGrants>>;
  readonly identities: readonly IdentityRow[];
}
