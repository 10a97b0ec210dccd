import type { Authority } from "./authority";
import { ECDSA_SHA256 } from "./key-pair";
import { serialNumber } from "./serial-number";
import type { Validity } from "./validity";
import { x509 } from "./x509";

/** RFC 9608, section 2: no revocation information exists for this certificate. Its value is NULL, and it is not critical. */
const NO_REVOCATION_AVAILABLE = { oid: "2.5.29.56", value: new Uint8Array([0x05, 0x00]) } as const;

export interface Leaf extends Validity {
  readonly commonName: string;
  readonly publicKey: InstanceType<typeof x509.PublicKey>;
  readonly usage: "serverAuth" | "clientAuth";
  readonly names?: { readonly type: "dns" | "ip"; readonly value: string }[];
}

/** The one place that signs: nothing but what is named here gets into a certificate. @returns PEM. */
export const signLeaf = async (authority: Authority, leaf: Leaf): Promise<string> => {
  const extensions: InstanceType<typeof x509.Extension>[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[leaf.usage]]),
    await x509.SubjectKeyIdentifierExtension.create(leaf.publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
    // Revocation goes by validFrom and by a new CA (docs/decisions/0008, 0014): nobody has to look for a list.
    new x509.Extension(NO_REVOCATION_AVAILABLE.oid, false, NO_REVOCATION_AVAILABLE.value),
  ];
  if (leaf.names !== undefined) extensions.push(new x509.SubjectAlternativeNameExtension(leaf.names));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: authority.certificate.subjectName,
    subject: [{ CN: [leaf.commonName] }],
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
    publicKey: leaf.publicKey,
    signingKey: authority.key,
    signingAlgorithm: ECDSA_SHA256,
    extensions,
  });
  return `${certificate.toString("pem")}\n`;
};
