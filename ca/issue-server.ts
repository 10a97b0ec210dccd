import { webcrypto } from "node:crypto";

import type { ServerCertificateSecret } from "../policy/deployment";
import type { Authority } from "./authority";
import { createKeyPair, privateKeyPem } from "./key-pair";
import { RefusedRequest } from "./refused-request";
import { canonicalNames, serverNameFaults, type ServerNames } from "./server-names";
import { signLeaf } from "./sign-leaf";
import { validity, VALIDITY_DAYS } from "./validity";
import { x509 } from "./x509";

/**
 * Issues the broker's certificate with a key of its own: 90 days from `now`, begun five minutes back, never outliving
 * the CA.
 * @returns the secret's content: it holds the private key and goes to the vault, nowhere else.
 * @throws RefusedRequest with every fault of the names.
 */
export const issueServerCertificate = async (
  authority: Authority,
  site: string,
  names: ServerNames,
  now: Date,
): Promise<ServerCertificateSecret> => {
  const faults = serverNameFaults(names);
  if (faults.length > 0) throw new RefusedRequest("server certificate", faults);
  const { dns, ip } = canonicalNames(names);
  const keys = await createKeyPair();
  const certificate = await signLeaf(authority, {
    // Host names stand in the alternative names alone (RFC 6125); the space keeps this from ever being an identity's name.
    commonName: `${site} broker`,
    publicKey: new x509.PublicKey(await webcrypto.subtle.exportKey("spki", keys.publicKey)),
    usage: "serverAuth",
    names: [
      ...dns.map((value) => ({ type: "dns" as const, value })),
      ...ip.map((value) => ({ type: "ip" as const, value })),
    ],
    ...validity(now, VALIDITY_DAYS.server, authority),
  });
  return { version: 1, key: await privateKeyPem(keys.privateKey), certificate, trust: authority.trust };
};
