import { createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CommandError } from "../command-error";
import { kmsSigner } from "./kms-signer";
import { LOCAL_KEY } from "./local-signer";
import { readPem } from "./read-pem";
import { requireP256 } from "./require-p256";

/** How a command names the key that must have signed. */
export interface KeyOptions {
  /** File with a public key in PEM. @default `.dmz/image-signing.key.pub` */
  readonly key?: string;
  /** ARN of a KMS key. @default none */
  readonly kmsKey?: string;
}

/** The key that an image must be signed with: never one that comes with the image. */
export async function verificationKey({ key, kmsKey }: KeyOptions): Promise<KeyObject> {
  if (kmsKey) return (await kmsSigner(kmsKey)).publicKey;
  const path = key ?? `${LOCAL_KEY}.pub`;
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new CommandError(
      `${path}: there is no public key`,
      "name the one that signed with --key <file> or --kms-key <arn>; 'dmz image build' makes a local one",
    );
  });
  const publicKey = readPem(path, text, createPublicKey, "public key");
  requireP256(publicKey, path);
  return publicKey;
}
