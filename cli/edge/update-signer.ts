import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { SignedUpdate, UpdateManifest } from "../../policy/edge-device";
import { CommandError } from "../command-error";
import { readPem } from "../image/read-pem";

/** Where the key is that signs updates on this machine. Below .gitignore's `.dmz/`. */
export const UPDATE_KEY = ".dmz/update-signing.key";

/** Signs updates; its public half is in every image. */
export interface UpdateSigner {
  readonly name: string;
  /** SPKI in PEM. */
  readonly publicKey: string;
  sign(bytes: Buffer): Buffer;
}

/**
 * Signs with an Ed25519 key in a file (PKCS#8 PEM, 0600), which is made on first use. Whoever has it decides what runs on
 * the devices: keep a copy, for without it no device takes an update.
 * @throws CommandError if others may read the key, or it is of another kind
 */
export async function updateSigner(path: string = UPDATE_KEY): Promise<UpdateSigner> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!found) {
    const { privateKey } = generateKeyPairSync("ed25519");
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" });
  } else if (found.mode & 0o077) {
    const mode = (found.mode & 0o777).toString(8);
    throw new CommandError(
      `${path}: only its owner may read a signing key, its mode is 0${mode}`,
      `if nobody else has read it: chmod 600 ${path}`,
    );
  }
  const key = readPem(path, await readFile(path, "utf8"), createPrivateKey, "private key without passphrase");
  if (key.asymmetricKeyType !== "ed25519")
    throw new CommandError(
      `${path}: updates are signed with Ed25519, this is ${key.asymmetricKeyType}`,
      "name another file with --update-key",
    );
  const publicKey = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
  return { name: path, publicKey, sign: (bytes) => sign(null, bytes, key) };
}

/** The manifest with its signature, as devices take it. */
export function signUpdate(manifest: UpdateManifest, signer: UpdateSigner): SignedUpdate {
  const text = JSON.stringify(manifest);
  return { manifest: text, signature: signer.sign(Buffer.from(text)).toString("base64") };
}
