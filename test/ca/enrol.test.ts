import { X509Certificate } from "node:crypto";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { createKeyAndRequest } from "../../ca/csr";
import { enrol as enrolIdentities, type EnrolResult } from "../../ca/enrol";
import type { IdentityRequest } from "../../ca/enrol-request";
import type { RefusedRequest } from "../../ca/refused-request";
import type { CredentialRecord } from "../../policy/credentials";
import { shardOf } from "../../policy/shard";
import { directoryVault } from "../../vault/directory";
import { nextManifest } from "../../vault/next-manifest";
import { parseCredentialShard } from "../../vault/parse-credential-shard";
import { sha256Hex } from "../../vault/sha256-hex";
import type { Vault } from "../../vault/vault";
import { verifyPassword } from "../../vault/verify-password";
import { initialised, localVault, type LocalVault, SITE } from "./local-vault";

let local: LocalVault;
let vault: Vault;
beforeEach(async () => {
  local = await localVault();
  vault = local.vault;
  await initialised(vault);
});
afterEach(() => local.remove());

const enrol = (identities: readonly IdentityRequest[], into = vault, now = new Date()): Promise<EnrolResult> =>
  enrolIdentities(into, { site: SITE, identities, now });
const named = (...names: string[]): IdentityRequest[] => names.map((name) => ({ name }));

/** What a broker would load: the records of every active shard, and in which shard each is. */
const active = async (): Promise<Map<string, CredentialRecord & { shard: number }>> => {
  const records = new Map<string, CredentialRecord & { shard: number }>();
  for (const [shard, { versionId, sha256 }] of (await vault.readManifest("credentials"))!.shards.entries()) {
    const { value } = (await vault.read(`${SITE}/credentials/${shard}`, versionId))!;
    expect(sha256Hex(value)).toBe(sha256);
    for (const [name, record] of parseCredentialShard(value, SITE, shard)) {
      expect(records.has(name)).toBe(false);
      records.set(name, { ...record, shard });
    }
  }
  return records;
};

describe("enrol", () => {
  test("gives each identity a password that its record verifies, and nobody else's", async () => {
    const { identities } = await enrol(named("gw-1", "gw-2"));
    const records = await active();
    const [first, second] = identities;
    expect(verifyPassword(records.get("gw-1"), first!.password)).toBe(true);
    expect(verifyPassword(records.get("gw-2"), second!.password)).toBe(true);
    expect(verifyPassword(records.get("gw-2"), first!.password)).toBe(false);
  });

  test("puts no password where it could be read again", async () => {
    const { identities } = await enrol(named("gw-1"));
    for (const { value } of local.written) expect(value).not.toContain(identities[0]!.password);
  });

  test("certifies those who sent a request, under the listed name, and returns what they trust", async () => {
    const { csr } = await createKeyAndRequest("another-name");
    const { identities, trust } = await enrol([{ name: "gw-1", csr }, { name: "operator" }]);
    const certificate = new X509Certificate(identities[0]!.certificate!);
    expect(certificate.subject).toBe("CN=gw-1");
    expect(certificate.verify(new X509Certificate(trust[0]!).publicKey)).toBe(true);
    expect(identities[1]).toMatchObject({ name: "operator", certificate: undefined });
  });

  test("a certificate is not older than the record's validFrom, so that it is accepted", async () => {
    const { csr } = await createKeyAndRequest("gw-1");
    const { identities } = await enrol([{ name: "gw-1", csr }]);
    const notBefore = Date.parse(new X509Certificate(identities[0]!.certificate!).validFrom) / 1000;
    expect(notBefore).toBeGreaterThanOrEqual((await active()).get("gw-1")!.validFrom);
  });

  test("puts every identity into its own shard and writes each touched shard once", async () => {
    const names = Array.from({ length: 50 }, (_, i) => `gw-${i}`);
    await enrol(named(...names));
    const records = await active();
    for (const name of names) expect(records.get(name)?.shard).toBe(shardOf(name, 2));
    expect(local.written.map(({ secret }) => secret).sort()).toEqual([
      `${SITE}/credentials/0`,
      `${SITE}/credentials/1`,
    ]);
  });

  test("an untouched shard keeps its version", async () => {
    const before = (await vault.readManifest("credentials"))!;
    await enrol(named("gw-1"));
    const after = (await vault.readManifest("credentials"))!;
    const other = 1 - shardOf("gw-1", 2);
    expect(after.shards[other]).toEqual(before.shards[other]);
    expect(after.sequence).toBe(before.sequence + 1);
  });

  test("again gives a new password, ends the old one, and keeps validFrom", async () => {
    const long = new Date(Date.now() - 40 * 86_400_000);
    const first = await enrol(named("gw-1"), vault, long);
    const { validFrom } = (await active()).get("gw-1")!;
    const second = await enrol(named("gw-1", "gw-2"));
    const record = (await active()).get("gw-1")!;
    expect(record.validFrom).toBe(validFrom);
    expect(verifyPassword(record, first.identities[0]!.password)).toBe(false);
    expect(verifyPassword(record, second.identities[0]!.password)).toBe(true);
  });

  test("after the site grew, an identity that is enrolled again moves to its new shard and is in no other", async () => {
    const names = Array.from({ length: 60 }, (_, i) => `gw-${i}`);
    await enrol(named(...names));
    const before = await active();
    await initialised(vault, { credentialShards: 5 });
    const moved = names.filter((name) => shardOf(name, 5) !== shardOf(name, 2));
    expect(moved.length).toBeGreaterThan(0);
    await enrol(named(...moved));
    const after = await active();
    for (const name of moved) expect(after.get(name)?.shard).toBe(shardOf(name, 5));
    for (const name of names) expect(after.get(name)?.validFrom).toBe(before.get(name)?.validFrom);
    expect(after.size).toBe(60);
  });

  test("names that are also properties of objects are names like all others", async () => {
    const names = ["__proto__", "constructor", "toString", "0"];
    const { identities } = await enrol(named(...names));
    await enrol(named("gw-1"));
    const records = await active();
    expect([...records.keys()].sort()).toEqual([...names, "gw-1"].sort());
    for (const { name, password } of identities) expect(verifyPassword(records.get(name), password)).toBe(true);
  });

  test("ten at once all survive", async () => {
    // Each with a view of its own of the folder, as ten processes have.
    const names = Array.from({ length: 10 }, (_, i) => `gw-${i}`);
    const results = await Promise.all(names.map((name) => enrol(named(name), directoryVault(local.root))));
    const records = await active();
    for (const { identities } of results) {
      expect(verifyPassword(records.get(identities[0]!.name), identities[0]!.password)).toBe(true);
    }
    expect(new Set(results.map(({ sequence }) => sequence)).size).toBe(10);
  });

  test("a crash between shard and manifest leaves the old set active, and the next run succeeds", async () => {
    const { identities } = await enrol(named("gw-1"));
    const before = await active();
    const crashing: Vault = { ...vault, writeManifest: () => Promise.reject(new Error("power failure")) };
    await expect(enrol(named("gw-1", "gw-2"), crashing)).rejects.toThrow("power failure");
    expect(await active()).toEqual(before);
    expect(verifyPassword((await active()).get("gw-1"), identities[0]!.password)).toBe(true);
    await enrol(named("gw-3"));
    expect([...(await active()).keys()].sort()).toEqual(["gw-1", "gw-3"]);
  });

  test("reports every fault of the list at once, and writes nothing", async () => {
    const { csr } = await createKeyAndRequest("gw-1");
    const before = await vault.readManifest("credentials");
    const bad = [
      { name: "gw-1", csr },
      { name: "gw 2" },
      { name: "gw-1" },
      { name: "gw-3", csr: "nonsense" },
      { name: "../ca", csr: 7 },
      { name: "x".repeat(65) },
      { name: "gw-4", crs: csr },
      null,
      { name: "+" },
    ];
    const error = (await enrol(bad as IdentityRequest[]).catch((caught: unknown) => caught)) as RefusedRequest;
    expect(error.faults.map((fault) => fault.slice(0, fault.indexOf(":")))).toEqual([
      "identities[1].name",
      "identities[2].name",
      "identities[3].csr",
      "identities[4].name",
      "identities[4].csr",
      "identities[5].name",
      "identities[6].crs",
      "identities[7]",
      "identities[8].name",
    ]);
    expect(error.message).toMatch(/^enrol: 9 faults, nothing was written\n- identities\[1\]/);
    expect(local.written).toEqual([]);
    expect(await vault.readManifest("credentials")).toEqual(before);
  });

  test.each([[[]], [undefined], ["gw-1"]])("refuses %j for a list", async (identities) => {
    await expect(enrol(identities as IdentityRequest[])).rejects.toThrow("identities: must be a list of at least one");
  });

  test("a shard that would reach 64 KiB is refused with what to do, and nothing is written", async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `${"long-name-".repeat(5)}${i}`);
    await expect(enrol(named(...names))).rejects.toThrow(
      /plant1\/credentials\/0: must stay below 65536 bytes, got \d+; raise the site's 'capacity'/,
    );
    expect(local.written).toEqual([]);
  });

  test("refuses to build on a shard that is not what was activated", async () => {
    const manifest = (await vault.readManifest("credentials"))!;
    const shards = manifest.shards.map((entry) => ({ ...entry, sha256: "0".repeat(64) }));
    await vault.writeManifest("credentials", nextManifest(manifest, shards, new Date()));
    await expect(enrol(named("gw-1"))).rejects.toThrow("is not what was activated");
  });

  test("before the site is initialised says so", async () => {
    const other = await localVault();
    try {
      await expect(enrol(named("gw-1"), other.vault)).rejects.toThrow("initialise (deploy) it first");
    } finally {
      await other.remove();
    }
  });
});
