import type { AccessShard, RoleGrants } from "./access-document";
import { canonicalJson } from "./canonical-json";
import { readShard, type ReadShard } from "./read-shard";
import { renderFilter } from "./render-filter";
import { shardOf } from "./shard";
import type { IdentityKind } from "./site";
import { covers, filterFault, matches, topicFault } from "./topic-filter";

export interface AccessIdentity {
  readonly name: string;
  readonly kind: IdentityKind;
  readonly certificate: "required" | "password-only";
}

/** Answers from a complete access document. Deny by default: an unknown identity may do nothing. */
export interface AccessPolicy {
  readonly identity: (name: string) => AccessIdentity | undefined;
  /** For messages, retained messages and wills alike. */
  readonly mayPublish: (name: string, topic: string) => boolean;
  /** One granted filter must cover the whole of the requested one. */
  readonly maySubscribe: (name: string, filter: string) => boolean;
  /** Asked for every delivery, since grants change under a session's feet. `topic` is one that was accepted before. */
  readonly mayReceive: (name: string, topic: string) => boolean;
}

interface Entry {
  readonly identity: AccessIdentity;
  readonly publish: () => readonly string[];
  readonly subscribe: () => readonly string[];
}

const requireComplete = (shards: readonly ReadShard[]): void => {
  const first = shards[0];
  if (first === undefined) throw new Error("access document: must have at least one shard, got none");
  for (const { site, shard, shards: count } of shards) {
    if (site !== first.site)
      throw new Error(`access document: all shards must be of one site, got "${first.site}" and "${site}"`);
    if (count !== first.shards)
      throw new Error(
        `access document: shards must agree on their count, got ${first.shards} and ${count} (shard ${shard})`,
      );
  }
  const present = new Set(shards.map(({ shard }) => shard));
  const missing = Array.from({ length: first.shards }, (_, index) => index).filter((index) => !present.has(index));
  if (missing.length > 0 || shards.length !== first.shards)
    throw new Error(
      `access document: must have each of ${first.shards} shards once, got ${shards.length}, missing ${missing.join(", ") || "none"}`,
    );
};

const once = <Value>(make: () => Value): (() => Value) => {
  let made: Value | undefined;
  return () => (made ??= make());
};

/** Rendered when first asked for: ten thousand identities of which few are connected cost little memory. */
const entryOf = (identity: AccessIdentity, grants: RoleGrants): Entry => ({
  identity,
  publish: once(() => grants.publish.map((filter) => renderFilter(filter, identity.name))),
  subscribe: once(() => grants.subscribe.map((filter) => renderFilter(filter, identity.name))),
});

const collect = (shards: readonly ReadShard[]): ReadonlyMap<string, Entry> => {
  const entries = new Map<string, Entry>();
  const grantsById = new Map<string, string>();
  for (const { shard, shards: count, roles, identities } of shards) {
    const refuse = (what: string): never => {
      throw new Error(`access document, shard ${shard}: ${what}`);
    };
    for (const [id, grants] of roles) {
      const text = canonicalJson(grants);
      if ((grantsById.get(id) ?? text) !== text) refuse(`role "${id}" must have the same grants in every shard`);
      grantsById.set(id, text);
    }
    for (const { identity, role } of identities) {
      const { name } = identity;
      const home = shardOf(name, count);
      if (home !== shard) refuse(`identity "${name}" must be in shard ${home}`);
      if (entries.has(name)) refuse(`identity "${name}" must be listed once`);
      entries.set(
        name,
        entryOf(identity, roles.get(role) ?? refuse(`identity "${name}" has the unknown role "${role}"`)),
      );
    }
  }
  return entries;
};

/**
 * Compiles the shards, in any order, to a policy. A check costs O(topic levels x grants of the role).
 *
 * @throws Error when the set is incomplete or mixed, a shard's content is not what `accessShardSchema` allows, a role is
 *   unknown or differs between shards, or an identity is in a shard that is not its own.
 */
export const compileAccess = (shards: readonly AccessShard[]): AccessPolicy => {
  const read = shards.map(readShard);
  requireComplete(read);
  const entries = collect(read);
  const publish = (name: string): readonly string[] => entries.get(name)?.publish() ?? [];
  const subscribe = (name: string): readonly string[] => entries.get(name)?.subscribe() ?? [];
  return {
    identity: (name) => entries.get(name)?.identity,
    mayPublish: (name, topic) =>
      topicFault(topic) === undefined && publish(name).some((granted) => matches(granted, topic)),
    maySubscribe: (name, filter) => {
      if (filterFault(filter) !== undefined) return false;
      const granted = subscribe(name);
      // Most ask for just what they are granted.
      return granted.includes(filter) || granted.some((wide) => covers(wide, filter));
    },
    mayReceive: (name, topic) => subscribe(name).some((granted) => matches(granted, topic)),
  };
};
