import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";

/** id-kp-serverAuth, RFC 5280, section 4.2.1.12. */
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

/**
 * Verifies a broker's certificate when no clock can be trusted: all that OpenSSL would check of it but for the time, and
 * of the time what is known. It must have been issued by one of the site's CAs itself, for this host, as a server, and
 * must not have expired at the last known time. If it is not valid yet, time went on: the CA's signature says so.
 *
 * @param floor the last known time, ms
 * @returns the time that the certificate proves, ms: its notBefore
 * @throws what does not hold
 */
export function verifyAtFloor(leaf: X509Certificate, ca: readonly string[], host: string, floor: number): number {
  const issuer = ca
    .map((pem) => new X509Certificate(pem))
    .find((each) => each.ca && leaf.checkIssued(each) && leaf.verify(each.publicKey));
  if (!issuer) throw new Error("the broker's certificate was not issued by the site's CA");
  if (leaf.ca || !leaf.keyUsage?.includes(SERVER_AUTH)) throw new Error("the broker's certificate is not a server's");
  const named = isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host);
  if (named === undefined) throw new Error(`the broker's certificate is not for ${host}`);
  const [notBefore, notAfter] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
  const last = new Date(floor).toISOString();
  if (!(notAfter >= floor))
    throw new Error(`the broker's certificate expired at ${leaf.validTo}, before the last known time, ${last}`);
  const ends = Date.parse(issuer.validTo);
  if (!(ends >= Math.max(floor, notBefore))) throw new Error(`the site's CA certificate expired at ${issuer.validTo}`);
  return notBefore;
}
