import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CommandError } from "../command-error";
import { readPem } from "./read-pem";
import { requireP256 } from "./require-p256";
import type { Signer } from "./signer";

/** Where the key is that signs images on this machine; its public half has `.pub` behind it. Below .gitignore's `.dmz/`. */
export const LOCAL_KEY = ".dmz/image-signing.key";

/**
 * Signs with a key in a file (PKCS#8 PEM, 0600), which is made on first use, with its public half beside it.
 * @throws CommandError if others may read the key, or it is not one on P-256
 */
export async function localSigner(path: string = LOCAL_KEY): Promise<Signer> {
  const key = (await readKey(path)) ?? (await createKey(path));
  const publicKey = createPublicKey(key);
  requireP256(publicKey, path);
  return { name: path, publicKey, sign: async (bytes) => sign("sha256", bytes, key) };
}

async function readKey(path: string): Promise<KeyObject | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!found) return undefined;
  const mode = found.mode & 0o777;
  if (mode & 0o077) {
    throw new CommandError(
      `${path}: only its owner may read a signing key, its mode is 0${mode.toString(8)}`,
      `if nobody else has read it: chmod 600 ${path}; otherwise move it away, and a new one is made`,
    );
  }
  return readPem(path, await readFile(path, "utf8"), createPrivateKey, "private key without passphrase");
}

async function createKey(path: string): Promise<KeyObject> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // "wx": of two builds that start at once one fails here, rather than both signing with different keys.
  const text = privateKey.export({ type: "pkcs8", format: "pem" });
  await writeFile(path, text, { mode: 0o600, flag: "wx" });
  await writeFile(`${path}.pub`, publicKey.export({ type: "spki", format: "pem" }));
  return privateKey;
}
