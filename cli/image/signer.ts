import type { KeyObject } from "node:crypto";

/** Signs with one ECDSA P-256 key, wherever that key is. */
export interface Signer {
  /** Where the key is, for people. */
  readonly name: string;
  readonly publicKey: KeyObject;
  /** ECDSA over the SHA-256 of the bytes. @returns ASN.1 DER, as cosign wants it */
  sign(bytes: Buffer): Promise<Buffer>;
}
