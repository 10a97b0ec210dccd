import { createPublicKey, type KeyObject } from "node:crypto";

import { x509 } from "./x509";

/** A P-384 request has 500 bytes, one of RSA 4096 1.7 KB; extensions are ignored, so there is no reason for more. */
const MAXIMUM_CHARACTERS = 8192;

const PEM =
  /^\s*-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----[A-Za-z0-9+/=\s]+-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/;

const CURVES = new Set(["prime256v1", "secp384r1"]);
const HASHES = new Set(["SHA-256", "SHA-384", "SHA-512"]);

/** What is wrong with a key, or undefined: 128 bits of security or more, and no size that only serves to cost us time. */
const keyFault = (key: KeyObject): string | undefined => {
  const { namedCurve, modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
  const allowed = "its key must be EC P-256, EC P-384 or RSA of 3072 to 4096 bits with exponent 65537";
  switch (key.asymmetricKeyType) {
    case "ec":
      return CURVES.has(namedCurve ?? "")
        ? undefined
        : `${allowed}, got EC ${namedCurve ?? "with explicit parameters"}`;
    case "rsa":
      return modulusLength >= 3072 && modulusLength <= 4096 && publicExponent === 65537n
        ? undefined
        : `${allowed}, got RSA ${modulusLength} with exponent ${publicExponent}`;
    default:
      return `${allowed}, got ${key.asymmetricKeyType ?? "an unknown type"}`;
  }
};

/**
 * Takes a certification request (PKCS#10 PEM) for its public key alone: subject, attributes and extensions that it asks
 * for are not even looked at. Its signature proves that the sender holds the private key.
 * @throws an Error whose message continues "csr: ...": no request, a weak key, a weak hash, a signature that fails.
 */
export const acceptRequest = async (csr: string): Promise<InstanceType<typeof x509.PublicKey>> => {
  if (csr.length > MAXIMUM_CHARACTERS)
    throw new Error(`must be at most ${MAXIMUM_CHARACTERS} characters, got ${csr.length}`);
  if (!PEM.test(csr)) throw new Error("must be one PEM block 'CERTIFICATE REQUEST' (PKCS#10)");
  const unreadable = new Error("must be a PKCS#10 request, but its DER cannot be read");
  let request: InstanceType<typeof x509.Pkcs10CertificateRequest>;
  let key: KeyObject;
  try {
    request = new x509.Pkcs10CertificateRequest(csr);
    key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: "der", type: "spki" });
  } catch {
    throw unreadable;
  }
  const fault = keyFault(key);
  if (fault !== undefined) throw new Error(fault);
  const hash = request.signatureAlgorithm.hash?.name ?? "none";
  if (!HASHES.has(hash)) throw new Error(`must be signed with SHA-256, SHA-384 or SHA-512, got ${hash}`);
  const proven = await request.verify().catch(() => false);
  if (!proven) throw new Error("its signature does not fit its key: make the request with the key that it names");
  // Re-encoded, so that nothing a sender hid in the key's own encoding is certified.
  return new x509.PublicKey(key.export({ format: "der", type: "spki" }));
};
