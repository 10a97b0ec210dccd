import { randomBytes } from "node:crypto";

import type { CertificateAuthoritySecret } from "../policy/deployment";
import { createKeyPair, ECDSA_SHA256, privateKeyPem } from "./key-pair";
import { serialNumber } from "./serial-number";
import { validity, VALIDITY_DAYS } from "./validity";
import { x509 } from "./x509";

/**
 * Makes a site's certificate authority: self-signed ECDSA P-256, ten years, path length 0 (it issues leaves only).
 * @returns the secret's content: it holds the private key and goes to the vault, nowhere else.
 */
export const createCertificateAuthority = async (site: string, now: Date): Promise<CertificateAuthoritySecret> => {
  const keys = await createKeyPair();
  // Of two CAs of one site (a rollover) each has a name of its own, so that a chain is found by name as well as by key.
  const name = `${site} CA ${randomBytes(4).toString("hex")}`;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ O: ["mqtt-dmz"] }, { CN: [name] }],
    ...validity(now, VALIDITY_DAYS.certificateAuthority),
    signingAlgorithm: ECDSA_SHA256,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    version: 1,
    key: await privateKeyPem(keys.privateKey),
    certificate: `${certificate.toString("pem")}\n`,
    previous: [],
  };
};
