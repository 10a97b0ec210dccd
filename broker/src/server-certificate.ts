import { createPrivateKey, X509Certificate } from "node:crypto";
import type { ServerCertificateSecret } from "../../policy/deployment";

/** The server's certificate and the CAs it trusts, parsed and found to fit together. */
export interface ServerCertificate {
  readonly secret: ServerCertificateSecret;
  readonly leaf: X509Certificate;
  /** Trusted for client certificates. */
  readonly trust: readonly X509Certificate[];
  readonly versionId: string;
}

/**
 * Reads the server-certificate secret.
 * @throws naming the secret and the rule, never the content.
 */
export function parseServerCertificate(name: string, text: string, versionId: string): ServerCertificate {
  const fault = (rule: string): Error =>
    new Error(`secret '${name}': ${rule}; restore its previous version or rotate it`);
  let secret: Partial<ServerCertificateSecret> | null;
  try {
    secret = JSON.parse(text) as Partial<ServerCertificateSecret> | null;
  } catch {
    throw fault("must be JSON");
  }
  if (secret?.version !== 1) throw fault("must be an object of version 1");
  const { key, certificate, trust } = secret;
  if (typeof key !== "string" || typeof certificate !== "string")
    throw fault("must carry 'key' and 'certificate' as PEM");
  if (!Array.isArray(trust) || trust.length === 0) throw fault("'trust' must list at least one CA certificate");
  try {
    const leaf = new X509Certificate(certificate);
    const cas = trust.map((pem) => new X509Certificate(pem));
    if (!leaf.checkPrivateKey(createPrivateKey(key))) throw fault("'key' must be the key of 'certificate'");
    if (!cas.every((ca) => ca.ca)) throw fault("'trust' must hold CA certificates alone");
    return { secret: { version: 1, key, certificate, trust }, leaf, trust: cas, versionId };
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("secret '")) throw error;
    // OpenSSL's words could quote what it could not read.
    throw fault("must carry a PKCS#8 key and certificates in PEM");
  }
}
