import type { KeyObject } from "node:crypto";
import { CommandError } from "../command-error";

/** @throws CommandError unless the key is ECDSA on P-256 (the curve that KMS, cosign and the site's CA share) */
export function requireP256(key: KeyObject, where: string): void {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === "ec" && curve === "prime256v1") return;
  throw new CommandError(
    `${where}: a signing key must be ECDSA on P-256, this is ${key.asymmetricKeyType} ${curve ?? ""}`.trimEnd(),
    "name another key (in KMS: key spec ECC_NIST_P256, key usage SIGN_VERIFY)",
  );
}
