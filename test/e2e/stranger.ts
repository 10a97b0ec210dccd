import { createCertificateAuthority } from "../../ca/certificate-authority";
import { openAuthority } from "../../ca/authority";
import { acceptRequest } from "../../ca/accept-request";
import { createKeyAndRequest } from "../../ca/csr";
import { issueClientCertificate } from "../../ca/issue-client";

/** A certificate in a device's name, from a CA that looks like the site's and is not. */
export interface Stranger {
  readonly key: string;
  readonly certificate: string;
  readonly trust: string;
}

/** Makes everything that an attacker can make: a CA of the same name, and a certificate of it with the right subject. */
export async function createAuthorityOfStranger(name: string): Promise<Stranger> {
  const now = new Date();
  const secret = await createCertificateAuthority("riverside", now);
  const authority = await openAuthority("stranger", JSON.stringify(secret));
  const { key, csr } = await createKeyAndRequest(name);
  const certificate = await issueClientCertificate(authority, {
    name,
    publicKey: await acceptRequest(csr),
    validFrom: 0,
    now,
  });
  return { key, certificate, trust: secret.certificate };
}
