import { createKeyPair, ECDSA_SHA256, privateKeyPem } from "./key-pair";
import { x509 } from "./x509";

/** A private key (PKCS#8 PEM) and the request (PKCS#10 PEM) to certify it. */
export interface KeyAndRequest {
  readonly key: string;
  readonly csr: string;
}

/** Makes an identity's key where it will live, ECDSA P-256, and the request that travels to the CA in its stead. */
export const createKeyAndRequest = async (name: string): Promise<KeyAndRequest> => {
  const keys = await createKeyPair();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: ECDSA_SHA256,
  });
  return { key: await privateKeyPem(keys.privateKey), csr: `${request.toString("pem")}\n` };
};
