import type { CertificateAuthoritySecret } from "../../policy/deployment";
import { type Authority, openAuthority } from "../../ca/authority";
import { createCertificateAuthority } from "../../ca/certificate-authority";

/** A new CA, ready to sign, and its secret. */
export const siteAuthority = async (now = new Date()): Promise<Authority & { secret: CertificateAuthoritySecret }> => {
  const secret = await createCertificateAuthority("plant1", now);
  return { ...(await openAuthority("plant1/ca", JSON.stringify(secret))), secret };
};
