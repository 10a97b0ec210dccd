import { webcrypto, X509Certificate } from "node:crypto";

import { describe, expect, test } from "@jest/globals";

import { acceptRequest } from "../../ca/accept-request";
import { createKeyAndRequest } from "../../ca/csr";
import { issueClientCertificate } from "../../ca/issue-client";
import type { CryptoKeyPair } from "../../ca/key-pair";
import { x509 } from "../../ca/x509";
import { siteAuthority } from "./site-authority";

type Algorithm = Parameters<typeof webcrypto.subtle.generateKey>[0];

const keysOf = (algorithm: object): Promise<CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm as Algorithm, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;

const request = async (
  keys: CryptoKeyPair,
  hash = "SHA-256",
  extensions: InstanceType<typeof x509.Extension>[] = [],
): Promise<string> => {
  const signingAlgorithm = { name: keys.privateKey.algorithm.name, hash };
  const made = { name: [{ CN: ["gw-1"] }], keys, signingAlgorithm, extensions };
  return (await x509.Pkcs10CertificateRequestGenerator.create(made)).toString("pem");
};
const ec = (namedCurve: string): object => ({ name: "ECDSA", namedCurve });
const rsa = (modulusLength: number, publicExponent = [1, 0, 1]): object => ({
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength,
  publicExponent: new Uint8Array(publicExponent),
});

describe("a certification request", () => {
  test.each([
    ["EC P-256", ec("P-256"), "SHA-256"],
    ["EC P-384", ec("P-384"), "SHA-384"],
    ["RSA 3072", rsa(3072), "SHA-256"],
  ])("with a key of %s is accepted, for that very key", async (_, algorithm, hash) => {
    const keys = await keysOf(algorithm);
    const accepted = await acceptRequest(await request(keys, hash));
    const expected = Buffer.from(await webcrypto.subtle.exportKey("spki", keys.publicKey));
    expect(Buffer.from(accepted.rawData).equals(expected)).toBe(true);
  });

  test.each([
    ["EC P-521", ec("P-521"), "got EC secp521r1"],
    ["RSA 2048", rsa(2048), "got RSA 2048"],
    ["RSA 1024", rsa(1024), "got RSA 1024"],
    ["RSA with exponent 3", rsa(3072, [3]), "with exponent 3"],
  ])("with a key of %s is refused", async (_, algorithm, got) => {
    const csr = await request(await keysOf(algorithm));
    await expect(acceptRequest(csr)).rejects.toThrow(got);
  });

  test("signed with SHA-1 is refused", async () => {
    await expect(acceptRequest(await request(await keysOf(ec("P-256")), "SHA-1"))).rejects.toThrow("got SHA-1");
  });

  test("signed with another key than its own is refused", async () => {
    const [own, other] = [await keysOf(ec("P-256")), await keysOf(ec("P-256"))];
    const csr = await request({ publicKey: own.publicKey, privateKey: other.privateKey });
    await expect(acceptRequest(csr)).rejects.toThrow("its signature does not fit its key");
  });

  test("that was changed after it was signed is refused", async () => {
    const { csr } = await createKeyAndRequest("gw-1");
    const der = Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ""), "base64");
    der[der.indexOf("gw-1")] = "x".charCodeAt(0);
    const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
    await expect(acceptRequest(changed)).rejects.toThrow("its signature does not fit its key");
  });

  test("gets nothing that it asks for: no CA, no other name, no other use", async () => {
    const keys = await keysOf(ec("P-256"));
    const csr = await request(keys, "SHA-256", [
      new x509.BasicConstraintsExtension(true, 5, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "mqtt.plant1.example" }]),
    ]);
    const publicKey = await acceptRequest(csr);
    const pem = await issueClientCertificate(await siteAuthority(), {
      name: "gw-2",
      publicKey,
      validFrom: 0,
      now: new Date(),
    });
    const { subject, subjectAltName, keyUsage, ca } = new X509Certificate(pem);
    expect({ subject, subjectAltName, keyUsage, ca }).toEqual({
      subject: "CN=gw-2",
      subjectAltName: undefined,
      keyUsage: [x509.ExtendedKeyUsage.clientAuth],
      ca: false,
    });
  });

  test.each([
    ["an empty text", "", "must be one PEM block"],
    ["no PEM", "hello", "must be one PEM block"],
    ["a certificate's label", "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----", "must be one PEM block"],
    [
      "a private key's label",
      "-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----",
      "must be one PEM block 'CERTIFICATE REQUEST' (PKCS#10)",
    ],
    [
      "garbage inside",
      "-----BEGIN CERTIFICATE REQUEST-----\nMAAA\n-----END CERTIFICATE REQUEST-----",
      "its DER cannot be read",
    ],
    ["too much of it", "-".repeat(9000), "must be at most 8192 characters, got 9000"],
  ])("that is %s is refused", async (_, csr, message) => {
    await expect(acceptRequest(csr)).rejects.toThrow(message);
  });
});
