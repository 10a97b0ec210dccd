import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BundleText } from "./bundle-texts";
import { bundleTexts } from "./bundle-texts";
import type { ClientConnection } from "./client-connection";

/** What a client proves itself with. PEM texts; the password as generated. */
export interface ClientCredentials {
  readonly password: string;
  /** CA certificates that the client trusts the broker by. */
  readonly trust: readonly string[];
  /** PKCS#8 private key and certificate; none for a password-only identity. */
  readonly key?: string;
  readonly certificate?: string;
}

/**
 * Writes a client's bundle to `folder`, replacing what is there. It appears whole or not at all: it is built beside and
 * renamed, so that an interrupted run leaves no bundle that looks complete.
 * @throws Error when the certificate is missing or belongs to another key
 */
export async function writeClientBundle(
  folder: string,
  credentials: ClientCredentials,
  connection: ClientConnection,
): Promise<void> {
  const { files } = connection;
  const secrets: Record<string, BundleText> = {
    // No newline: libraries take the file as it is.
    [files.password]: { text: credentials.password, mode: 0o600 },
    [files.ca]: { text: credentials.trust.map(withNewline).join(""), mode: 0o644 },
  };
  if (files.key && files.certificate) {
    const { key = "", certificate = "" } = credentials;
    if (!certificate || !new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
      throw new Error(
        `${folder}: the certificate authority did not certify the key that was made for ${connection.username}`,
      );
    secrets[files.key] = { text: withNewline(key), mode: 0o600 };
    secrets[files.certificate] = { text: withNewline(certificate), mode: 0o644 };
  }

  // No identity has a `~` in its name, so this is nobody else's bundle.
  const partial = `${folder}~partial`;
  await rm(partial, { recursive: true, force: true });
  await writeTexts(partial, { ...secrets, ...bundleTexts(connection, credentials.password) });
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
}

/** Writes how to connect into an existing bundle: the address may have changed, the credentials have not. */
export async function refreshConnection(folder: string, connection: ClientConnection): Promise<void> {
  const password = await readFile(join(folder, connection.files.password), "utf8");
  // What the role no longer allows has no script any more.
  for (const name of ["subscribe", "publish", "mosquitto"])
    await rm(join(folder, name), { recursive: true, force: true });
  await writeTexts(folder, bundleTexts(connection, password));
}

async function writeTexts(folder: string, texts: Readonly<Record<string, BundleText>>): Promise<void> {
  for (const [name, { text, mode }] of Object.entries(texts)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // A file that exists keeps its mode on writing: it is removed first, so that a secret is never wider than declared.
    await rm(path, { force: true });
    await writeFile(path, text, { mode, flag: "wx" });
  }
}

const withNewline = (pem: string): string => (pem.endsWith("\n") ? pem : `${pem}\n`);
