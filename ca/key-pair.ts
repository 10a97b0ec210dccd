import { createPrivateKey, webcrypto } from "node:crypto";

export type CryptoKey = webcrypto.CryptoKey;
export type CryptoKeyPair = webcrypto.CryptoKeyPair;

/** What this kit makes itself: ECDSA P-256 keys, SHA-256 signatures. */
export const EC_P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
export const ECDSA_SHA256 = { name: "ECDSA", hash: "SHA-256" } as const;

/** @returns a new ECDSA P-256 key pair. */
export const createKeyPair = (): Promise<CryptoKeyPair> =>
  webcrypto.subtle.generateKey(EC_P256, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;

/** @returns the private key as PKCS#8 PEM. */
export const privateKeyPem = async (key: CryptoKey): Promise<string> => {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({
    format: "pem",
    type: "pkcs8",
  }) as string;
};

/** @returns the P-256 private key of a PKCS#8 PEM, for signing. @throws when it is none, without quoting it. */
export const importPrivateKey = (pem: string): Promise<CryptoKey> => {
  const der = createPrivateKey(pem).export({ format: "der", type: "pkcs8" });
  return webcrypto.subtle.importKey("pkcs8", der, EC_P256, false, ["sign"]);
};
