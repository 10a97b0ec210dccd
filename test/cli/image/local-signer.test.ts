import { afterAll, expect, test } from "@jest/globals";
import { generateKeyPairSync, verify } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localSigner } from "../../../cli/image/local-signer";
import { verificationKey } from "../../../cli/image/verification-key";

const root = mkdtempSync(join(tmpdir(), "dmz-signer-"));
afterAll(() => rmSync(root, { recursive: true }));

test("the first use makes a key that its owner alone can read, the second uses it again", async () => {
  const path = join(root, "first/key");
  const signer = await localSigner(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(root, "first")).mode & 0o777).toBe(0o700);
  const before = readFileSync(path, "utf8");
  const again = await localSigner(path);
  expect(readFileSync(path, "utf8")).toBe(before);

  const bytes = Buffer.from("payload");
  const trusted = await verificationKey({ key: `${path}.pub` });
  expect(verify("sha256", bytes, trusted, await signer.sign(bytes))).toBe(true);
  expect(verify("sha256", bytes, trusted, await again.sign(bytes))).toBe(true);
});

test("a key that others may read is refused", async () => {
  const path = join(root, "open/key");
  await localSigner(path);
  chmodSync(path, 0o640);
  await expect(localSigner(path)).rejects.toThrow("only its owner may read a signing key, its mode is 0640");
});

test("a key on another curve is refused, for signing and for verifying", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const path = join(root, "p384");
  writeFileSync(path, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  writeFileSync(`${path}.pub`, publicKey.export({ type: "spki", format: "pem" }));
  await expect(localSigner(path)).rejects.toThrow("a signing key must be ECDSA on P-256, this is ec secp384r1");
  await expect(verificationKey({ key: `${path}.pub` })).rejects.toThrow("must be ECDSA on P-256");
});

test("verifying without a key says which is missing and how to name one", async () => {
  await expect(verificationKey({ key: join(root, "none.pub") })).rejects.toThrow(
    /none\.pub: there is no public key; .*--key/,
  );
});

test("a file that is no key is said to be none, and nothing of it is shown", async () => {
  const path = join(root, "no-key");
  writeFileSync(path, "root:x:0:0", { mode: 0o600 });
  await expect(verificationKey({ key: path })).rejects.toThrow(/no-key: this is no public key in PEM; .*--key$/);
  await expect(localSigner(path)).rejects.toThrow(/no-key: this is no private key without passphrase in PEM; .*--key$/);
});
