import type { AccessShard } from "../../policy/access-document";

/** A role as one shard spells it. */
export interface AccessRole {
  /** `riverside/access/0: role "consumer:groups=line1"` */
  readonly at: string;
  readonly id: string;
  /** With the placeholder, as written. */
  readonly publish: readonly string[];
  /** With the placeholder, as written. */
  readonly subscribe: readonly string[];
}

/** An identity as its row says, sound or not: that it is sound is for properties to show. */
export interface AccessIdentity {
  /** `riverside/access/0: identity "gw-1"` */
  readonly at: string;
  readonly name: string;
  readonly kind: "edge" | "enterprise";
  readonly certificate: "required" | "password-only";
  readonly roleId: string;
  /** The role in the same shard; undefined when that has none of this id. */
  readonly role: AccessRole | undefined;
}

/** The access document that will be deployed, in the order of its shards and rows. */
export interface AccessDocument {
  /** As they are, for whoever compiles them. */
  readonly shards: readonly AccessShard[];
  readonly roles: readonly AccessRole[];
  readonly identities: readonly AccessIdentity[];
}
