import type { Authority } from "./authority";
import { signLeaf } from "./sign-leaf";
import { validity, VALIDITY_DAYS } from "./validity";
import type { x509 } from "./x509";

export interface ClientCertificateProps {
  /** Name of the identity, the certificate's whole subject. */
  readonly name: string;
  /** From an accepted request. */
  readonly publicKey: InstanceType<typeof x509.PublicKey>;
  /** Unix seconds of the identity's record: the certificate does not begin earlier (decision 8). */
  readonly validFrom: number;
  readonly now: Date;
}

/**
 * Issues an identity's client certificate: one year, never outliving the CA. It has no alternative names: the broker
 * knows identities by subject, and a second name would be a second thing to check.
 * @returns PEM.
 */
export const issueClientCertificate = (authority: Authority, props: ClientCertificateProps): Promise<string> =>
  signLeaf(authority, {
    commonName: props.name,
    publicKey: props.publicKey,
    usage: "clientAuth",
    ...validity(props.now, VALIDITY_DAYS.client, authority, props.validFrom),
  });
