import { webcrypto, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { certificateFault, identityFault } from "../../broker/src/check-certificate";
import type { Authority } from "../../ca/authority";
import { createKeyPair, ECDSA_SHA256 } from "../../ca/key-pair";
import { serialNumber } from "../../ca/serial-number";
import { x509 } from "../../ca/x509";
import { strangeAuthority } from "./plant";

let authority: Authority;
let trust: X509Certificate[];
beforeAll(async () => {
  authority = await strangeAuthority();
  trust = authority.trust.map((pem) => new X509Certificate(pem));
});

type Subject = ConstructorParameters<typeof x509.Name>[0];

/** What our CA never issues, though its key could sign it. */
async function signed(subject: Subject, ca = false): Promise<X509Certificate> {
  const keys = await createKeyPair();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: authority.certificate.subjectName,
    subject: new x509.Name(subject as never).toJSON(),
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 60_000),
    publicKey: new x509.PublicKey(await webcrypto.subtle.exportKey("spki", keys.publicKey)),
    signingKey: authority.key,
    signingAlgorithm: ECDSA_SHA256,
    extensions: [
      new x509.BasicConstraintsExtension(ca, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  return new X509Certificate(certificate.toString("pem"));
}

describe("a client certificate", () => {
  test("that is a CA's is refused, even one for client authentication", async () => {
    expect(certificateFault(await signed([{ CN: ["gw-1"] }], true), trust, new Date())).toBe("it is a CA certificate");
    expect(certificateFault(await signed([{ CN: ["gw-1"] }]), trust, new Date())).toBeUndefined();
  });

  test("has its signature verified once, and is refused as soon as its CA is no longer trusted", async () => {
    const certificate = await signed([{ CN: ["gw-1"] }]);
    const verify = jest.spyOn(X509Certificate.prototype, "verify");
    for (let look = 0; look < 3; look++) expect(certificateFault(certificate, trust, new Date())).toBeUndefined();
    expect(verify).toHaveBeenCalledTimes(1);
    const others = (await strangeAuthority()).trust.map((pem) => new X509Certificate(pem));
    expect(certificateFault(certificate, others, new Date())).toBe("no trusted CA signed it");
    // Trusted again, by another object for the same CA: verified anew.
    const again = authority.trust.map((pem) => new X509Certificate(pem));
    expect(certificateFault(certificate, [...others, ...again], new Date())).toBeUndefined();
    expect(verify.mock.calls.length).toBeGreaterThan(1);
    verify.mockRestore();
  });

  const fault = async (subject: Subject, name: string) => identityFault(await signed(subject), name, 0);
  const ANOTHER = "its subject is another identity";

  test("that names two identities is neither's, in whatever order", async () => {
    const both = [{ CN: ["gw-1"] }, { CN: ["gw-2"] }];
    expect(await fault(both, "gw-1")).toBe(ANOTHER);
    expect(await fault(both, "gw-2")).toBe(ANOTHER);
    expect(await fault([{ CN: ["gw-1"] }, { CN: ["gw-1"] }], "gw-1")).toBe(ANOTHER);
    expect(await fault([{ CN: ["gw-1"], OU: ["x"] }], "gw-1")).toBe(ANOTHER);
    expect(await fault([{ CN: ["gw-1"] }], "gw-1")).toBeUndefined();
  });

  test("that names none, or one in other words, is nobody's", async () => {
    expect(await fault([{ O: ["gw-1"] }], "gw-1")).toBe(ANOTHER);
    for (const other of ["GW-1", "gw-1 ", "gw-1\nCN=gw-2", "x\nCN=gw-1", "gw-1\u0000"])
      expect(await fault([{ CN: [other] }], "gw-1")).toBe(ANOTHER);
  });
});

describe("a signature that is remembered", () => {
  test("says nothing of the time", async () => {
    const certificate = await signed([{ CN: ["gw-1"] }]);
    expect(certificateFault(certificate, trust, new Date())).toBeUndefined();
    expect(certificateFault(certificate, trust, new Date(Date.now() + 61_000))).toBe("it has expired");
  });
});
