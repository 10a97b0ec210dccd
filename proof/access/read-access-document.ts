import type { AccessShard, IdentityRow } from "../../policy/access-document";
import { showValue } from "../../policy/show-value";
import { BadInput } from "../facts/bad-input";
import type { AccessDocument, AccessIdentity, AccessRole } from "./access-document";

/** A parsed shard, and where it stood: a file's name, or a resource's address. */
export interface ShardSource {
  readonly at: string;
  readonly value: unknown;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === "string");

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const refuse = (at: string, part: string, rule: string, value: unknown): never => {
  throw new BadInput(`${at}:`, `'${part}' ${rule}, got ${showValue(value)}`);
};

const isRow = (value: unknown): value is IdentityRow =>
  Array.isArray(value) &&
  value.length === 4 &&
  typeof value[0] === "string" &&
  (value[1] === "e" || value[1] === "n") &&
  typeof value[2] === "string" &&
  (value[3] === 0 || value[3] === 1);

const requireShard = ({ at, value }: ShardSource): AccessShard => {
  if (!isObject(value)) return refuse(at, "shard", "must be an object", value);
  if (value["version"] !== 1) refuse(at, "version", "must be 1", value["version"]);
  if (typeof value["site"] !== "string") refuse(at, "site", "must be a text", value["site"]);
  for (const key of ["shard", "shards"])
    if (!Number.isInteger(value[key])) refuse(at, key, "must be a whole number", value[key]);
  const { roles, identities } = value;
  if (!isObject(roles)) return refuse(at, "roles", "must be an object", roles);
  for (const [id, grants] of Object.entries(roles)) {
    if (!isObject(grants)) return refuse(at, `roles["${id}"]`, "must be an object", grants);
    for (const right of ["publish", "subscribe"])
      if (!isTexts(grants[right])) refuse(at, `roles["${id}"].${right}`, "must be a list of texts", grants[right]);
  }
  if (!Array.isArray(identities)) return refuse(at, "identities", "must be a list", identities);
  for (const [index, row] of (identities as readonly unknown[]).entries())
    if (!isRow(row)) refuse(at, `identities[${index}]`, "must be [name, kind, role, certificate]", row);
  return value as unknown as AccessShard;
};

/**
 * Reads the shape alone: what names and filters may be is for the properties to judge, which say why it matters.
 *
 * @throws BadInput when there is no shard, or one is not a shard at all.
 */
export const readAccessDocument = (sources: readonly ShardSource[]): AccessDocument => {
  if (sources.length === 0) throw new BadInput("access document:", "must have at least one shard, got none");
  const shards: AccessShard[] = [];
  const roles: AccessRole[] = [];
  const identities: AccessIdentity[] = [];
  for (const source of sources) {
    const shard = requireShard(source);
    shards.push(shard);
    const own = new Map(
      Object.entries(shard.roles).map(([id, { publish, subscribe }]) => [
        id,
        { at: `${source.at}: role "${id}"`, id, publish, subscribe },
      ]),
    );
    roles.push(...own.values());
    for (const [name, kind, roleId, certificate] of shard.identities)
      identities.push({
        at: `${source.at}: identity "${name}"`,
        name,
        kind: kind === "e" ? "edge" : "enterprise",
        certificate: certificate === 1 ? "required" : "password-only",
        roleId,
        role: own.get(roleId),
      });
  }
  return { shards, roles, identities };
};
