import { X509Certificate } from "node:crypto";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { enrol } from "../../ca/enrol";
import type { RefusedRequest } from "../../ca/refused-request";
import { namesOf } from "../../ca/server-names";
import type { CertificateAuthoritySecret, ServerCertificateSecret } from "../../policy/deployment";
import { directoryVault } from "../../vault/directory";
import { parseCredentialShard } from "../../vault/parse-credential-shard";
import type { Vault } from "../../vault/vault";
import { initialised, localVault, type LocalVault, SITE } from "./local-vault";

const DAY = 86_400_000;

let local: LocalVault;
let vault: Vault;
beforeEach(async () => {
  local = await localVault();
  vault = local.vault;
});
afterEach(() => local.remove());

const read = async <T>(secret: string): Promise<T> => JSON.parse((await vault.read(`${SITE}/${secret}`))!.value) as T;
const server = (): Promise<ServerCertificateSecret> => read("server-certificate");
const authority = (): Promise<CertificateAuthoritySecret> => read("ca");

describe("initialise", () => {
  test("creates the CA, the server certificate, the empty shards and the manifest that activates them", async () => {
    const result = await initialised(vault);
    expect(result.changed).toEqual([
      "certificate-authority",
      "server-certificate",
      "credentials/0",
      "credentials/1",
      "manifest/credentials",
    ]);
    const { certificate, trust } = await server();
    expect(trust).toEqual([(await authority()).certificate]);
    expect(new X509Certificate(certificate).verify(new X509Certificate(trust[0]!).publicKey)).toBe(true);
    expect(result.serverCertificate).toBe(new X509Certificate(certificate).fingerprint256);
    expect(result.certificateAuthority).toBe(new X509Certificate(trust[0]!).fingerprint256);
    expect(Date.parse(result.notAfter)).toBe(Date.parse(new X509Certificate(certificate).validTo));
    const manifest = await vault.readManifest("credentials");
    expect(manifest?.sequence).toBe(1);
    for (const [shard, { versionId }] of manifest!.shards.entries()) {
      const stored = await vault.read(`${SITE}/credentials/${shard}`, versionId);
      expect(parseCredentialShard(stored!.value, SITE, shard).size).toBe(0);
    }
  });

  test("a second time changes nothing and returns the same", async () => {
    const first = await initialised(vault);
    const before = [await authority(), await server(), await vault.readManifest("credentials")];
    expect(await initialised(vault)).toEqual({ ...first, changed: [] });
    expect([await authority(), await server(), await vault.readManifest("credentials")]).toEqual(before);
    expect(local.written).toEqual([]);
  });

  test("the order and spelling of the names is no reason to issue again", async () => {
    await initialised(vault, { dns: ["b.example", "a.example"], ip: ["::1"] });
    expect((await initialised(vault, { dns: ["A.example", "b.example"], ip: ["0:0::1"] })).changed).toEqual([]);
  });

  test("with other names issues the server certificate again, from the CA that exists", async () => {
    await initialised(vault);
    const [ca, before] = [await authority(), await server()];
    expect((await initialised(vault, { dns: ["other.example"] })).changed).toEqual(["server-certificate"]);
    const after = await server();
    expect(await authority()).toEqual(ca);
    expect(after.key).not.toBe(before.key);
    expect(namesOf(new X509Certificate(after.certificate).raw)).toEqual({ dns: ["other.example"], ip: ["127.0.0.1"] });
  });

  test("replaces a server certificate that has expired, but not one that merely grows old", async () => {
    await initialised(vault);
    const later = (days: number): Date => new Date(Date.now() + days * DAY);
    expect((await initialised(vault, { now: later(80) })).changed).toEqual([]);
    expect((await initialised(vault, { now: later(91) })).changed).toEqual(["server-certificate"]);
  });

  test("replaces a server certificate whose key is another's", async () => {
    await initialised(vault);
    const first = await server();
    await initialised(vault, { dns: ["other.example"] });
    await vault.write(`${SITE}/server-certificate`, JSON.stringify({ ...(await server()), key: first.key }));
    expect((await initialised(vault, { dns: ["other.example"] })).changed).toEqual(["server-certificate"]);
  });

  test("never touches a CA secret that it cannot read", async () => {
    await vault.write(`${SITE}/ca`, '{"version":2,"key":"from the future"}');
    await expect(initialised(vault)).rejects.toThrow("secret 'plant1/ca': must be an object of version 1");
    expect((await vault.read(`${SITE}/ca`))?.value).toContain("from the future");
  });

  test("five at once make one CA, and all of them report it", async () => {
    // Each with a view of its own of the folder, as five processes have.
    const results = await Promise.all(Array.from({ length: 5 }, () => initialised(directoryVault(local.root))));
    expect(new Set(results.map((result) => result.certificateAuthority)).size).toBe(1);
    expect(new Set(results.map((result) => result.serverCertificate)).size).toBe(1);
    expect((await vault.readManifest("credentials"))?.sequence).toBe(1);
    const created = results.filter(({ changed }) => changed.includes("certificate-authority"));
    expect(created).toHaveLength(1);
    expect((await initialised(vault)).changed).toEqual([]);
  });

  test("adds the shards that a grown site declares, and leaves the others as they are", async () => {
    await initialised(vault);
    await enrol(vault, { site: SITE, identities: [{ name: "gw-1" }] });
    const before = await vault.readManifest("credentials");
    const result = await initialised(vault, { credentialShards: 4 });
    expect(result.changed).toEqual(["credentials/2", "credentials/3", "manifest/credentials"]);
    const after = await vault.readManifest("credentials");
    expect(after?.shards.slice(0, 2)).toEqual(before?.shards);
    expect(after?.shards).toHaveLength(4);
    expect(after?.sequence).toBe(before!.sequence + 1);
  });

  test("refuses to shrink, and says what to do", async () => {
    await initialised(vault, { credentialShards: 3 });
    await expect(initialised(vault)).rejects.toThrow(
      "credentialShards: must not shrink below 3, got 2; set the site's 'capacity' back",
    );
  });

  test("finds the records again when the table with the manifest was lost", async () => {
    await initialised(vault);
    await enrol(vault, { site: SITE, identities: [{ name: "gw-1" }, { name: "gw-2" }] });
    const before = await vault.readManifest("credentials");
    let manifest: typeof before;
    const restored: Vault = {
      ...vault,
      readManifest: () => Promise.resolve(manifest),
      writeManifest: (_, next) => Promise.resolve(void (manifest = next)),
    };
    await initialised(restored);
    expect(manifest?.shards).toEqual(before?.shards);
  });

  test("reports every fault of its request at once, and writes nothing", async () => {
    const request = { dns: ["*"], ip: ["x"], credentialShards: 0 };
    const error = (await initialised(vault, request).catch((caught: unknown) => caught)) as RefusedRequest;
    expect(error.faults.map((fault) => fault.split(":")[0])).toEqual(["dns[0]", "ip[0]", "credentialShards"]);
    expect(await vault.read(`${SITE}/ca`)).toBeUndefined();
  });

  test("says nothing secret, neither in its result nor in its log", async () => {
    const said: unknown[] = [];
    const log = (...line: unknown[]): void => void said.push(line);
    said.push(await initialised(vault, { log }));
    said.push(await initialised(vault, { log, dns: ["other.example"] }));
    const text = JSON.stringify(said);
    expect(text).toContain("server certificate issued");
    expect(text).not.toContain("PRIVATE KEY");
    for (const { key } of [await authority(), await server()]) {
      for (const line of key.split("\n").filter((part) => /^[A-Za-z0-9+/=]{16,}$/.test(part))) {
        expect(text).not.toContain(line);
      }
    }
  });
});
