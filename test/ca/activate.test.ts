import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { activate as activateDocument, type ActivateProps } from "../../ca/activate";
import { installAccessDocument } from "../../ca/local-site";
import type { RefusedRequest } from "../../ca/refused-request";
import type { AccessShard } from "../../policy/access-document";
import type { ManifestEntry } from "../../policy/credentials";
import { compileAccess } from "../../policy/compile-access";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { documentSha256 } from "../../vault/next-manifest";
import { sha256Hex } from "../../vault/sha256-hex";
import type { Vault } from "../../vault/vault";
import { resolvedRole } from "../resolved-role";
import { testSite } from "../site";
import { localVault, type LocalVault, SITE } from "./local-vault";

let local: LocalVault;
let vault: Vault;
beforeEach(async () => {
  local = await localVault();
  vault = local.vault;
});
afterEach(() => local.remove());

const shardAt = (shard: number, changes: Partial<AccessShard> = {}): AccessShard => ({
  version: 1,
  site: SITE,
  shard,
  shards: 2,
  roles: {},
  identities: [],
  ...changes,
});
const put = async (shard: number, changes?: Partial<AccessShard>): Promise<ManifestEntry> => {
  const text = JSON.stringify(shardAt(shard, changes));
  return { versionId: await vault.write(`${SITE}/access/${shard}`, text), sha256: sha256Hex(text) };
};
const activate = (
  shards: readonly ManifestEntry[],
  changes: Partial<ActivateProps> = {},
): Promise<{ sequence: number }> =>
  activateDocument(vault, { site: SITE, accessShards: 2, shards, sha256: documentSha256(shards), ...changes });

describe("activate", () => {
  test("puts in force what was written, and the same again changes nothing", async () => {
    const shards = [await put(0), await put(1)];
    expect(await activate(shards)).toEqual({ sequence: 1 });
    expect((await vault.readManifest("access"))?.shards).toEqual(shards);
    expect(await activate(shards)).toEqual({ sequence: 1 });
  });

  test("a changed document gets the next number, also when it goes back to older content", async () => {
    const shards = [await put(0), await put(1)];
    const changed = [shards[0]!, await put(1, { roles: { "raw:r": { publish: [], subscribe: [] } } })];
    expect([await activate(shards), await activate(changed), await activate(shards)].map((r) => r.sequence)).toEqual([
      1, 2, 3,
    ]);
  });

  test("refuses a shard whose bytes are not what was announced; the document in force stays", async () => {
    const shards = [await put(0), await put(1)];
    await activate(shards);
    const other = await put(1, { roles: { "raw:r": { publish: ["#"], subscribe: [] } } });
    const forged = [shards[0]!, { versionId: other.versionId, sha256: shards[1]!.sha256 }];
    await expect(activate(forged)).rejects.toThrow(
      `plant1/access/1: must have the SHA-256 ${shards[1]!.sha256}, got ${other.sha256}`,
    );
    expect((await vault.readManifest("access"))?.shards).toEqual(shards);
  });

  test.each<[string, Partial<AccessShard>]>([
    ["another site's", { site: "plant2" }],
    ["out of its place", { shard: 0 }],
    ["of a document with another count", { shards: 3 }],
    ["of another format", { version: 2 as 1 }],
    ["malformed", { roles: { "raw:r": { publish: ["a#"], subscribe: [] } } }],
  ])("refuses a shard that is %s", async (_, changes) => {
    await expect(activate([await put(0), await put(1, changes)])).rejects.toThrow(
      /^activate: 1 fault.*\n- plant1\/access\/1:/,
    );
    expect(await vault.readManifest("access")).toBeUndefined();
  });

  test("refuses a version that is not there, every one of them at once", async () => {
    const gone = { versionId: "0".repeat(32), sha256: "0".repeat(64) };
    const error = (await activate([gone, gone]).catch((caught: unknown) => caught)) as RefusedRequest;
    expect(error.faults).toEqual([0, 1].map((shard) => `plant1/access/${shard}: has no version ${gone.versionId}`));
  });

  test("refuses an incomplete list, and a hash that is not the list's", async () => {
    const shards = [await put(0), await put(1)];
    await expect(activate(shards.slice(0, 1))).rejects.toThrow("shards: must be the list of all 2, got 1");
    await expect(activate(shards, { sha256: "0".repeat(64) })).rejects.toThrow(
      "sha256: must be the SHA-256 of the shards' hashes",
    );
    await expect(activate([{}, {}] as ManifestEntry[], { sha256: "" })).rejects.toThrow(
      "shards[0].versionId: must be a version's id",
    );
  });
});

describe("a site on this machine", () => {
  const role = resolvedRole(telemetryDevice({ area: "line1" }), "plant");
  const site = testSite({ identities: [{ name: "gw-1", kind: "edge", certificate: "required", role }] });

  test("gets its access document written and activated, and a second time nothing is written", async () => {
    expect(await installAccessDocument(vault, site)).toEqual({ sequence: 1 });
    const manifest = (await vault.readManifest("access"))!;
    const texts = manifest.shards.map(({ versionId }, i) => vault.read(`${site.name}/access/${i}`, versionId));
    const shards = (await Promise.all(texts)).map((stored) => JSON.parse(stored!.value) as AccessShard);
    expect(compileAccess(shards).identity("gw-1")?.kind).toBe("edge");
    const written = local.written.length;
    expect(await installAccessDocument(vault, site)).toEqual({ sequence: 1 });
    expect(local.written).toHaveLength(written);
  });

  test("gets the next document when its declaration changes", async () => {
    await installAccessDocument(vault, site);
    expect(await installAccessDocument(vault, { ...site, identities: [] })).toEqual({ sequence: 2 });
    expect(await installAccessDocument(vault, { ...site, identities: [], capacity: 1500 })).toEqual({ sequence: 3 });
  });
});
