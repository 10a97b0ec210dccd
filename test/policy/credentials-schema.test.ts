import { describe, expect, test } from "@jest/globals";
import Ajv from "ajv";
import type { CredentialShard, Manifest } from "../../policy/credentials";
import { credentialShardSchema, manifestSchema } from "../../policy/credentials.schema";

const ajv = new Ajv({ strict: true });

describe("credentialShardSchema", () => {
  const validate = ajv.compile(credentialShardSchema);
  const password = { salt: "s".repeat(22), hash: "h".repeat(43) };
  const record = { passwords: [password], validFrom: 1_700_000_000 };
  const shard: CredentialShard = {
    version: 1,
    site: "plant",
    shard: 0,
    records: { "gw-1": record, constructor: record },
  };
  const one = (change: object): object => ({ records: { "gw-1": { ...record, ...change } } });

  test("accepts empty shards, and records with one or two passwords", () => {
    for (const change of [{}, { records: {} }, one({ passwords: [password, password] })])
      expect([validate({ ...shard, ...change }), validate.errors]).toEqual([true, null]);
  });

  test.each<readonly [string, object]>([
    ["another version", { version: 2 }],
    ["a property more", { roles: {} }],
    ["a name with a wildcard", { records: { "+": record } }],
    ["no password", one({ passwords: [] })],
    ["three passwords", one({ passwords: [password, password, password] })],
    ["a hash of 31 bytes", one({ passwords: [{ ...password, hash: "h".repeat(42) }] })],
    ["a salt in plain base64", one({ passwords: [{ ...password, salt: `${"s".repeat(20)}+/` }] })],
    ["a password in clear beside its hash", one({ passwords: [{ ...password, password: "x" }] })],
    ["a date for validFrom", one({ validFrom: "2026-01-01" })],
  ])("rejects a shard with %s", (_, change) => expect(validate({ ...shard, ...change })).toBe(false));
});

describe("manifestSchema", () => {
  const validate = ajv.compile(manifestSchema);
  const manifest: Manifest = {
    version: 1,
    sequence: 1,
    shards: [{ versionId: "v1", sha256: "a".repeat(64) }],
    sha256: "0".repeat(64),
    writtenAt: new Date(0).toISOString(),
  };

  test("accepts a manifest", () => expect([validate(manifest), validate.errors]).toEqual([true, null]));

  test.each<readonly [string, object]>([
    ["sequence 0, which nobody writes", { sequence: 0 }],
    ["no shards", { shards: [] }],
    ["a hash in capitals", { sha256: "A".repeat(64) }],
    ["an entry without a version", { shards: [{ sha256: "a".repeat(64) }] }],
    ["a local time", { writtenAt: "2026-01-01T00:00:00+01:00" }],
  ])("rejects a manifest with %s", (_, change) => expect(validate({ ...manifest, ...change })).toBe(false));
});
