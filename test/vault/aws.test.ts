import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { awsVault } from "../../vault/aws";
import { nextManifest } from "../../vault/next-manifest";
import { waitForAccess } from "../../vault/wait-for-access";
import { withEnv } from "./with-env";
import { type FakeAws, startFakeAws } from "./fake-aws";
import { holdsTheVaultContract } from "./vault-contract";

const open = async (): Promise<{ aws: FakeAws; vault: ReturnType<typeof awsVault>; close: () => Promise<void> }> => {
  const aws = await startFakeAws();
  const restore = withEnv(aws.env);
  for (const name of ["plant1/ca", "plant1/credentials/0"]) aws.secrets.declare(name);
  const close = async (): Promise<void> => {
    restore();
    await aws.close();
  };
  return { aws, vault: awsVault({ site: "plant1" }), close };
};

describe("a vault in AWS", () => holdsTheVaultContract(open));

describe("a vault in AWS, beyond the contract,", () => {
  let aws: FakeAws;
  let vault: ReturnType<typeof awsVault>;
  let close: () => Promise<void>;
  beforeEach(async () => ({ aws, vault, close } = await open()));
  afterEach(() => close());

  test("calls exactly four operations", async () => {
    await vault.create("plant1/ca", "x");
    await vault.write("plant1/ca", "y");
    await vault.writeManifest("access", nextManifest(undefined, [], new Date()));
    await vault.readManifest("access");
    expect([...new Set(aws.calls)].sort()).toEqual(["GetItem", "GetSecretValue", "PutItem", "PutSecretValue"]);
  });

  test("stores a manifest under the agreed key with its sequence as a number", async () => {
    const manifest = nextManifest(undefined, [], new Date());
    await vault.writeManifest("access", manifest);
    expect(aws.table.items.get("plant1-state/manifest/access")).toEqual({
      pk: { S: "manifest/access" },
      sequence: { N: "1" },
      manifest: { S: JSON.stringify(manifest) },
    });
  });

  test("a manifest write whose answer was lost is no conflict with itself", async () => {
    const manifest = nextManifest(undefined, [], new Date());
    aws.loseAnswer("PutItem");
    await vault.writeManifest("credentials", manifest);
    expect(aws.calls.filter((call) => call === "PutItem")).toHaveLength(2);
    expect(await vault.readManifest("credentials")).toEqual(manifest);
  });

  test("a secret write whose answer was lost makes one version", async () => {
    aws.loseAnswer("PutSecretValue");
    await vault.write("plant1/ca", "once");
    expect(aws.calls.filter((call) => call === "PutSecretValue")).toHaveLength(2);
    expect(aws.secrets.values()).toEqual(["once"]);
  });

  test("writing to a secret that is not declared names it", async () => {
    await expect(vault.write("plant1/other", "x")).rejects.toThrow(
      /^secret 'plant1\/other': ResourceNotFoundException/,
    );
  });

  test("a damaged manifest is refused rather than believed", async () => {
    const manifest = { ...nextManifest(undefined, [], new Date()), sha256: "0".repeat(64) };
    await vault.writeManifest("credentials", manifest);
    await expect(vault.readManifest("credentials")).rejects.toThrow("'sha256' must be the hash of the shards' hashes");
  });

  test("a refusal is thrown at once, by its own name", async () => {
    aws.refuse("GetSecretValue", 1);
    await expect(vault.read("plant1/ca")).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("secret 'plant1/ca'") as unknown,
    });
  });

  test("with waitForAccess refusals are outwaited, and every one is reported", async () => {
    await vault.write("plant1/ca", "x");
    aws.refuse("GetSecretValue", 3);
    const waits: string[] = [];
    const patient = waitForAccess(vault, { pause: 1, onWait: ({ reason }) => waits.push(reason) });
    expect((await patient.read("plant1/ca"))?.value).toBe("x");
    expect(waits).toHaveLength(3);
    expect(waits[0]).toContain("secret 'plant1/ca': AccessDeniedException");
  });

  test("with waitForAccess a refusal that lasts is thrown in the end", async () => {
    aws.refuse("PutSecretValue", Infinity);
    const patient = waitForAccess(vault, { pause: 1, limit: 20 });
    await expect(patient.write("plant1/ca", "x")).rejects.toMatchObject({ name: "AccessDeniedException" });
    expect(aws.calls.length).toBeGreaterThan(1);
  });

  test("waitForAccess does not outwait anything else", async () => {
    let attempts = 0;
    const failing = { ...vault, read: () => (attempts++, Promise.reject(new Error("broken"))) };
    await expect(waitForAccess(failing, { pause: 1 }).read("plant1/ca")).rejects.toThrow("broken");
    expect(attempts).toBe(1);
  });
});
