import { createPrivateKey, X509Certificate } from "node:crypto";

import type { ServerCertificateSecret } from "../policy/deployment";
import type { Authority } from "./authority";
import { parseSecret } from "./parse-secret";
import { canonicalNames, namesOf, type ServerNames } from "./server-names";
import { x509 } from "./x509";

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** @returns the content of the server-certificate secret. @throws without quoting it. */
export const parseServerCertificate = (secret: string, text: string): ServerCertificateSecret =>
  parseSecret<ServerCertificateSecret>(secret, text, { key: "string", certificate: "string", trust: "list" });

/**
 * Why this content must not serve, or undefined: what a client would refuse (chain, use, names, validity), and what the
 * broker would (a key of another certificate).
 * @param names what it must certify, neither more nor less.
 */
export const serverCertificateFault = (
  content: ServerCertificateSecret,
  authority: Authority,
  names: ServerNames,
  now: Date,
): string | undefined => {
  let leaf: X509Certificate;
  let fits: boolean;
  try {
    leaf = new X509Certificate(content.certificate);
    fits = leaf.checkPrivateKey(createPrivateKey(content.key));
  } catch {
    return "key or certificate is not PEM";
  }
  if (!fits) return "the private key is not the certificate's";
  const issuer = new X509Certificate(Buffer.from(authority.certificate.rawData));
  if (!leaf.checkIssued(issuer) || !leaf.verify(issuer.publicKey)) return "not issued by the site's present CA";
  if (!same(content.trust, authority.trust)) return "the trust bundle is not the CA's";
  if (leaf.ca || !leaf.keyUsage.includes(x509.ExtendedKeyUsage.serverAuth)) return "not for server authentication";
  const certified = namesOf(leaf.raw);
  const wanted = canonicalNames(names);
  if (!same(certified, wanted)) {
    const list = ({ dns, ip }: ServerNames): string => [...dns, ...ip].join(", ");
    return `certifies ${list(certified)}, not ${list(wanted)}`;
  }
  if (now < new Date(leaf.validFrom) || now >= new Date(leaf.validTo)) {
    return `valid from ${leaf.validFrom} to ${leaf.validTo}, not now`;
  }
  return undefined;
};
