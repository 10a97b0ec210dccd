import { IDENTITY, type RoleGrants } from "./access-document";
import type { AccessIdentity } from "./compile-access";
import { shardCount } from "./deployment";
import { field } from "./field";
import { IDENTITY_NAME_RULE, isIdentityName } from "./identity-name";
import { MAX_CAPACITY } from "./max-capacity";
import { ROLE_TEMPLATES } from "./role";
import { showValue } from "./show-value";
import { isSiteName } from "./site-name";
import { filterFault } from "./topic-filter";

/** A shard whose every part was looked at. Maps, so that no name can be mistaken for a property of Object. */
export interface ReadShard {
  readonly site: string;
  readonly shard: number;
  readonly shards: number;
  readonly roles: ReadonlyMap<string, RoleGrants>;
  readonly identities: readonly { readonly identity: AccessIdentity; readonly role: string }[];
}

/** More would be no site's, and counting them would cost the broker its memory. */
const MAX_SHARDS = shardCount(MAX_CAPACITY).access;

const refuse = (where: string, rule: string, value: unknown): never => {
  throw new Error(`access document, ${where}: ${rule}, got ${showValue(value)}`);
};

const checkKeys = (where: string, value: object, keys: readonly string[]): void => {
  const extra = Object.keys(value).find((key) => !keys.includes(key));
  if (extra !== undefined) refuse(where, `must have no properties but ${keys.join(", ")}`, extra);
};

const readFilters = (where: string, value: unknown): readonly string[] => {
  if (!Array.isArray(value)) return refuse(where, "must be a list of topic filters", value);
  const filters: readonly unknown[] = value;
  if (new Set(filters).size < filters.length) refuse(where, "must list each filter once", value);
  return filters.map((filter) => {
    if (typeof filter !== "string") return refuse(where, "must be a topic filter", filter);
    const fault = filterFault(filter);
    if (fault !== undefined) refuse(where, `must be a valid topic filter, but ${fault}`, filter);
    const levels = filter.split("/").filter((level) => /[{}]/.test(level));
    if (levels.length > 1 || levels.some((level) => level !== IDENTITY))
      refuse(where, `must hold braces only as ${IDENTITY}, a whole level, once`, filter);
    return filter;
  });
};

const readGrants = (where: string, id: string, value: unknown): RoleGrants => {
  if (!ROLE_TEMPLATES.some((template) => id === template || (id.startsWith(`${template}:`) && id !== `${template}:`)))
    refuse(where, "must have a template's word for its id, or '<template>:<parameters>'", id);
  if (typeof value !== "object" || value === null) return refuse(where, "must be an object", value);
  checkKeys(where, value, ["publish", "subscribe"]);
  return {
    publish: readFilters(`${where}.publish`, field(value, "publish")),
    subscribe: readFilters(`${where}.subscribe`, field(value, "subscribe")),
  };
};

const readRoles = (where: string, value: unknown): ReadonlyMap<string, RoleGrants> => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse(`${where}.roles`, "must be an object", value);
  return new Map(
    Object.entries(value).map(([id, grants]: readonly [string, unknown]) => [
      id,
      readGrants(`${where}.roles["${id}"]`, id, grants),
    ]),
  );
};

const readRow = (where: string, row: unknown): ReadShard["identities"][number] => {
  if (!Array.isArray(row) || row.length !== 4) return refuse(where, "must be [name, kind, role, certificate]", row);
  const [name, kind, role, certificate]: readonly unknown[] = row;
  // A name with a wildcard would turn the placeholder into somebody else's topics.
  if (!isIdentityName(name)) return refuse(where, IDENTITY_NAME_RULE, name);
  if (kind !== "e" && kind !== "n") return refuse(where, 'must have the kind "e" or "n"', kind);
  if (typeof role !== "string") return refuse(where, "must name a role", role);
  if (certificate !== 0 && certificate !== 1) return refuse(where, "must have the certificate 0 or 1", certificate);
  return {
    identity: {
      name,
      kind: kind === "e" ? "edge" : "enterprise",
      certificate: certificate === 1 ? "required" : "password-only",
    },
    role,
  };
};

const KEYS = ["version", "site", "shard", "shards", "roles", "identities"];

/**
 * Takes a parsed shard apart, whoever wrote it.
 * @throws Error naming the part, the rule and the value when it is not a shard of version 1.
 */
export const readShard = (value: unknown): ReadShard => {
  const [version, site, shard, shards] = ["version", "site", "shard", "shards"].map((key) => field(value, key));
  if (version !== 1) return refuse("version", "must be 1, the only one this software reads", version);
  if (!isSiteName(site)) return refuse("site", "must be a site's name", site);
  if (typeof shards !== "number" || !Number.isInteger(shards) || shards < 1 || shards > MAX_SHARDS)
    return refuse("shards", `must be a whole number from 1 to ${MAX_SHARDS}`, shards);
  if (typeof shard !== "number" || !Number.isInteger(shard) || shard < 0 || shard >= shards)
    return refuse("shard", `must be a whole number from 0 to ${shards - 1}`, shard);
  const where = `shard ${shard}`;
  checkKeys(where, value as object, KEYS);
  const rows = field(value, "identities");
  if (!Array.isArray(rows)) return refuse(`${where}.identities`, "must be a list", rows);
  return {
    site,
    shard,
    shards,
    roles: readRoles(where, field(value, "roles")),
    identities: (rows as readonly unknown[]).map((row, index) => readRow(`${where}.identities[${index}]`, row)),
  };
};
