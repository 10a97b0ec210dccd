import { createPrivateKey, X509Certificate } from "node:crypto";

import type { CertificateAuthoritySecret } from "../policy/deployment";
import { type CryptoKey, importPrivateKey } from "./key-pair";
import { parseSecret } from "./parse-secret";
import type { Validity } from "./validity";
import { x509 } from "./x509";

/** A certificate authority ready to sign. */
export interface Authority extends Validity {
  readonly key: CryptoKey;
  readonly certificate: InstanceType<typeof x509.X509Certificate>;
  /** PEM certificates that a peer of this site trusts: this CA's and, in a rollover, the previous ones. */
  readonly trust: readonly string[];
}

/**
 * Opens the CA secret's content for signing.
 * @param secret its name, for errors, which never quote its content.
 */
export const openAuthority = async (secret: string, text: string): Promise<Authority> => {
  const { key, certificate, previous } = parseSecret<CertificateAuthoritySecret>(secret, text, {
    key: "string",
    certificate: "string",
    previous: "list",
  });
  try {
    const ours = new X509Certificate(certificate);
    if (!ours.checkPrivateKey(createPrivateKey(key))) throw new Error("the key is another's");
    const parsed = new x509.X509Certificate(ours.raw);
    const { notBefore, notAfter } = parsed;
    return {
      key: await importPrivateKey(key),
      certificate: parsed,
      notBefore,
      notAfter,
      trust: [certificate, ...previous],
    };
  } catch {
    throw new Error(
      `secret '${secret}': must hold a P-256 key and its certificate in PEM; restore its previous version`,
    );
  }
};
