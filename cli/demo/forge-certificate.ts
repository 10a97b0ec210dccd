import { acceptRequest } from "../../ca/accept-request";
import { openAuthority } from "../../ca/authority";
import { createCertificateAuthority } from "../../ca/certificate-authority";
import { createKeyAndRequest } from "../../ca/csr";
import { issueClientCertificate } from "../../ca/issue-client";

/** A certificate and its key, PEM texts. */
export interface ForgedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** What an attacker makes at home: a CA that calls itself the site's, and from it a certificate in a device's name. */
export async function forgeCertificate(site: string, name: string): Promise<ForgedCertificate> {
  const now = new Date();
  const authority = await openAuthority("forged", JSON.stringify(await createCertificateAuthority(site, now)));
  const { key, csr } = await createKeyAndRequest(name);
  const publicKey = await acceptRequest(csr);
  return { key, certificate: await issueClientCertificate(authority, { name, publicKey, validFrom: 0, now }) };
}
