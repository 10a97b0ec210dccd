import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { certificateFault, identityFault } from "../broker/src/check-certificate";
import type { CredentialRecord } from "../policy/credentials";
import { verifyPassword } from "../vault/verify-password";
import type { ClientConnection } from "./client-connection";

/** A certificate that ends sooner than this is made anew at the next start, ms: a day's work must not stop half way. */
const MARGIN = 24 * 60 * 60 * 1000;

/** Whether the broker would let the client in with the bundle it has: whole, and by the broker's own rules. */
export async function isBundleValid(
  folder: string,
  connection: ClientConnection,
  record: CredentialRecord | undefined,
  trust: readonly string[],
): Promise<boolean> {
  const { files, username } = connection;
  const read = (file: string): Promise<string> => readFile(join(folder, file), "utf8");
  try {
    if (!record || !verifyPassword(record, await read(files.password))) return false;
    const bundled = new X509Certificate(await read(files.ca));
    const authorities = trust.map((pem) => new X509Certificate(pem));
    if (!authorities.some(({ fingerprint256 }) => fingerprint256 === bundled.fingerprint256)) return false;
    if (!files.certificate || !files.key) return true;
    const certificate = new X509Certificate(await read(files.certificate));
    return (
      certificate.checkPrivateKey(createPrivateKey(await read(files.key))) &&
      certificateFault(certificate, authorities, new Date(Date.now() + MARGIN)) === undefined &&
      identityFault(certificate, username, record.validFrom) === undefined
    );
  } catch {
    // A file is missing or damaged: whatever it is, a new bundle mends it.
    return false;
  }
}
