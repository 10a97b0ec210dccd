import type { AccessShard } from "./access-document";
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
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const complete = (shards: readonly ReadShard[]): void => {
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

/**
 * Compiles the shards, in any order, to a policy. Checks are by table look-up and cost O(topic levels x grants of the role).
 *
 * @throws Error when the set is incomplete or mixed, a shard's content is not what `accessShardSchema` allows, a role is
 *   unknown or differs between shards, or an identity is in a shard that is not its own.
 */
export const compileAccess = (shards: readonly AccessShard[]): AccessPolicy => {
  const read = shards.map(readShard);
  complete(read);
  const entries = new Map<string, Entry | undefined>();
  const pending = new Map<string, () => Entry>();
  const roles = new Map<string, string>();
  for (const { shard, shards: count, roles: own, identities } of read) {
    for (const [id, grants] of own) {
      const text = canonicalJson(grants);
      if ((roles.get(id) ?? text) !== text)
        throw new Error(`access document, shard ${shard}: role "${id}" must have the same grants in every shard`);
      roles.set(id, text);
    }
    for (const { identity, role } of identities) {
      const home = shardOf(identity.name, count);
      if (home !== shard)
        throw new Error(`access document, shard ${shard}: identity "${identity.name}" must be in shard ${home}`);
      const grants = own.get(role);
      if (grants === undefined)
        throw new Error(`access document, shard ${shard}: identity "${identity.name}" has the unknown role "${role}"`);
      if (pending.has(identity.name))
        throw new Error(`access document, shard ${shard}: identity "${identity.name}" must be listed once`);
      pending.set(identity.name, () => ({
        identity,
        publish: grants.publish.map((filter) => renderFilter(filter, identity.name)),
        subscribe: grants.subscribe.map((filter) => renderFilter(filter, identity.name)),
      }));
    }
  }
  // Rendered when first asked for: ten thousand identities of which few are here cost little memory.
  const entry = (name: string): Entry | undefined => {
    if (!entries.has(name) && pending.has(name)) entries.set(name, pending.get(name)?.());
    return entries.get(name);
  };
  return {
    identity: (name) => entry(name)?.identity,
    mayPublish: (name, topic) =>
      topicFault(topic) === undefined && (entry(name)?.publish.some((filter) => matches(filter, topic)) ?? false),
    maySubscribe: (name, filter) =>
      filterFault(filter) === undefined && (entry(name)?.subscribe.some((granted) => covers(granted, filter)) ?? false),
    mayReceive: (name, topic) => entry(name)?.subscribe.some((filter) => matches(filter, topic)) ?? false,
  };
};
