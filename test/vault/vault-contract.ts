import { afterEach, beforeEach, expect, test } from "@jest/globals";

import type { Manifest } from "../../policy/credentials";
import { nextManifest } from "../../vault/next-manifest";
import { ManifestConflict, type Vault } from "../../vault/vault";

export interface VaultUnderTest {
  readonly vault: Vault;
  close(): Promise<void>;
}

const CA = "plant1/ca";
const SHARD = "plant1/credentials/0";
const shards = [{ versionId: "0".repeat(32), sha256: "a".repeat(64) }];
const after = (previous?: Manifest): Manifest => nextManifest(previous, shards, new Date("2026-01-02T03:04:05Z"));

/** What every vault promises, wherever it keeps things; call it inside a `describe`. `open` offers CA and SHARD empty. */
export const holdsTheVaultContract = (open: () => Promise<VaultUnderTest>): void => {
  let under: VaultUnderTest;
  let vault: Vault;
  beforeEach(async () => {
    under = await open();
    vault = under.vault;
  });
  afterEach(() => under.close());

  test("a secret without a value reads as undefined", async () => {
    expect(await vault.read(CA)).toBeUndefined();
    expect(await vault.read("plant1/credentials/77")).toBeUndefined();
  });

  test("the last value written is current, and the one before is still there by its version", async () => {
    const first = await vault.write(SHARD, "one");
    const second = await vault.write(SHARD, "zwei ✓");
    expect(second).not.toBe(first);
    expect(await vault.read(SHARD)).toEqual({ value: "zwei ✓", versionId: second });
    expect(await vault.read(SHARD, first)).toEqual({ value: "one", versionId: first });
  });

  test("an unknown version reads as undefined, also while there is a value", async () => {
    await vault.write(SHARD, "one");
    expect(await vault.read(SHARD, "f".repeat(32))).toBeUndefined();
  });

  test("secrets do not mix", async () => {
    await vault.write(CA, "authority");
    const version = await vault.write(SHARD, "records");
    expect((await vault.read(CA))?.value).toBe("authority");
    expect(await vault.read(CA, version)).toBeUndefined();
  });

  test("create writes a first value and never replaces one", async () => {
    const first = await vault.create(CA, "first");
    expect(first.value).toBe("first");
    expect(await vault.create(CA, "second")).toEqual(first);
    expect(await vault.read(CA)).toEqual(first);
  });

  test("create leaves a value alone that came by write", async () => {
    await vault.write(CA, "written");
    expect((await vault.create(CA, "created")).value).toBe("written");
  });

  test("of ten who create at once one wins, and all of them learn who", async () => {
    const values = Array.from({ length: 10 }, (_, i) => `authority ${i}`);
    const results = await Promise.all(values.map((value) => vault.create(CA, value)));
    const current = await vault.read(CA);
    expect(values).toContain(current?.value);
    for (const result of results) expect(result).toEqual(current);
  });

  test("nothing is activated at first, then the last manifest is", async () => {
    expect(await vault.readManifest("credentials")).toBeUndefined();
    const first = after();
    await vault.writeManifest("credentials", first);
    const second = after(first);
    await vault.writeManifest("credentials", second);
    expect(await vault.readManifest("credentials")).toEqual(second);
    expect(second.sequence).toBe(2);
  });

  test("the two documents have manifests of their own", async () => {
    await vault.writeManifest("credentials", after());
    expect(await vault.readManifest("access")).toBeUndefined();
    await vault.writeManifest("access", after());
  });

  test.each([
    ["the first again", 1, "1"],
    ["one that is older", 2, "2"],
    ["one that leaves out a number", 5, "5"],
  ])("a manifest that is %s is refused and changes nothing", async (_, sequence) => {
    const stored = [after()];
    for (let i = 0; i < 2; i++) stored.push(after(stored.at(-1)));
    for (const manifest of stored) await vault.writeManifest("credentials", manifest);
    const other = { ...after(), sequence, writtenAt: "2027-01-01T00:00:00.000Z" };
    await expect(vault.writeManifest("credentials", other)).rejects.toBeInstanceOf(ManifestConflict);
    expect(await vault.readManifest("credentials")).toEqual(stored[2]);
  });

  test("of ten who move the manifest at once exactly one gets through", async () => {
    const contenders = Array.from({ length: 10 }, (_, i) => ({ ...after(), writtenAt: new Date(i).toISOString() }));
    const results = await Promise.allSettled(
      contenders.map((manifest) => vault.writeManifest("credentials", manifest)),
    );
    const winners = contenders.filter((_, i) => results[i]?.status === "fulfilled");
    expect(winners).toHaveLength(1);
    expect(await vault.readManifest("credentials")).toEqual(winners[0]);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(ManifestConflict);
  });
};
