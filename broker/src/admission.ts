import { X509Certificate } from "node:crypto";
import type { Session } from "./authenticate";
import type { Identities } from "./material";

/**
 * What a session was accepted on, for another task that has to judge it: the certificate, and which password record its
 * password fitted, by its salt. Nothing of it lets anybody in.
 */
export const encodeAdmission = ({ certificate, password }: Session): Buffer =>
  Buffer.from(JSON.stringify({ certificate: certificate?.raw.toString("base64"), salt: password.salt }));

/**
 * @param name the identity it was accepted as.
 * @param identities where its password record is, if that is in use still.
 */
export function decodeAdmission(bytes: Buffer, name: string, identities: Identities): Session {
  const { certificate, salt } = JSON.parse(bytes.toString()) as { certificate?: string; salt: string };
  const record = identities.credentials.get(name)?.passwords.find((password) => password.salt === salt);
  return {
    name,
    certificate: certificate === undefined ? undefined : new X509Certificate(Buffer.from(certificate, "base64")),
    password: record ?? { salt, hash: "" },
  };
}
