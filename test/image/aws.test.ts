import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ecrLogin } from "../../cli/image/ecr-login";
import { kmsSigner } from "../../cli/image/kms-signer";
import { verificationKey } from "../../cli/image/verification-key";
import { verifyImage } from "../../cli/image/verify-image";
import { type Emulator, startEmulator } from "../e2e/emulator";
import { memorySigner, tinyImage } from "../cli/image/tiny-image";

const ACCOUNT = "123456789012";
const region = "eu-central-1";
const root = mkdtempSync(join(tmpdir(), "dmz-aws-"));
afterAll(() => rmSync(root, { recursive: true }));

const before = process.env;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator(ACCOUNT);
  process.env = {
    ...before,
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EC2_METADATA_DISABLED: "true",
  };
});
afterAll(async () => {
  process.env = before;
  await emulator?.stop();
});

const newKey = async (spec: "ECC_NIST_P256" | "ECC_NIST_P384") => {
  const kms = new KMSClient({ region });
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: "SIGN_VERIFY" }));
  return KeyMetadata!.Arn!;
};

test("an image signed in KMS is verified with the key's public half, and with no other key", async () => {
  const arn = await newKey("ECC_NIST_P256");
  const { layout, digest } = await tinyImage(join(root, "image"), await kmsSigner(arn));
  await expect(verifyImage(layout, await verificationKey({ kmsKey: arn }))).resolves.toMatchObject({ digest });
  await expect(verifyImage(layout, memorySigner().publicKey)).rejects.toThrow("was not made with the trusted key");
});

test("a KMS key on another curve is refused before anything is built", async () => {
  await expect(kmsSigner(await newKey("ECC_NIST_P384"))).rejects.toThrow("a signing key must be ECDSA on P-256");
});

test("what is no ARN of a KMS key is refused", async () => {
  await expect(kmsSigner("alias/mine")).rejects.toThrow("--kms-key: must be the ARN of a KMS key, got 'alias/mine'");
});

test("the login to ECR is for the account's own registry, in a file that its owner alone can read", async () => {
  const authFile = join(root, "auth.json");
  const host = await ecrLogin(ACCOUNT, region, authFile);
  expect(host).toBe(`${ACCOUNT}.dkr.ecr.${region}.amazonaws.com`);
  expect(statSync(authFile).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(authFile, "utf8"))).toMatchObject({ auths: { [host]: { auth: expect.any(String) } } });
});

test("credentials of another account are refused, not used", async () => {
  const authFile = join(root, "other.json");
  await expect(ecrLogin("999999999999", region, authFile)).rejects.toThrow("the site is in account 999999999999");
  expect(() => statSync(authFile)).toThrow("ENOENT");
});
