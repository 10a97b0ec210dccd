import type { X509Certificate } from "node:crypto";

/** id-kp-clientAuth, RFC 5280 section 4.2.1.12. */
const CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";

/**
 * Why a client certificate is not good by itself, whoever presents it: signature, purpose and validity. Undefined: good.
 *
 * Nothing here relies on what TLS found: on a resumed session OpenSSL reports the verdict of the first handshake, under
 * the CAs and the clock of that time, and Node reports a resumed session without any certificate as `authorized`.
 */
export function certificateFault(
  certificate: X509Certificate,
  trust: readonly X509Certificate[],
  now: Date,
): string | undefined {
  if (certificate.ca) return "it is a CA certificate";
  const issuer = issuerOf(certificate, trust);
  if (!issuer) return "no trusted CA signed it";
  if (validityFault(issuer, now)) return "the CA that signed it is out of its validity";
  // Node types say string[]; a certificate without the extension gives undefined.
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  if (!purposes?.includes(CLIENT_AUTHENTICATION)) return "it is not for client authentication";
  return validityFault(certificate, now);
}

/**
 * Why this certificate does not prove that its holder is `name` (decision 8). Undefined: it does.
 * @param validFrom Unix seconds of the credential record: an older `notBefore` is refused.
 */
export function identityFault(certificate: X509Certificate, name: string, validFrom: number): string | undefined {
  const commonNames = certificate.subject.split("\n").filter((part) => part.startsWith("CN="));
  if (commonNames.length !== 1 || commonNames[0] !== `CN=${name}`) return "its subject is another identity";
  if (Date.parse(certificate.validFrom) < validFrom * 1000)
    return "it was issued before the identity's validFrom (revoked)";
  return undefined;
}

/** By which CA a certificate was found to be signed: that never changes, and it is asked at each look at a session. */
const signers = new WeakMap<X509Certificate, X509Certificate>();

function issuerOf(certificate: X509Certificate, trust: readonly X509Certificate[]): X509Certificate | undefined {
  const known = signers.get(certificate);
  if (known && trust.includes(known)) return known;
  const issuer = trust.find((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey));
  if (issuer) signers.set(certificate, issuer);
  return issuer;
}

function validityFault(certificate: X509Certificate, now: Date): string | undefined {
  if (now.getTime() < Date.parse(certificate.validFrom)) return "it is not valid yet";
  if (now.getTime() > Date.parse(certificate.validTo)) return "it has expired";
  return undefined;
}
