import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { SignedUpdate, UpdateManifest } from "../../policy/edge-device";
import { CommandError } from "../command-error";
import { readPem } from "../image/read-pem";

/** An update that is what its signed manifest says. */
export interface ReadUpdate {
  readonly signed: SignedUpdate;
  readonly manifest: UpdateManifest;
  /** The file with the image. */
  readonly file: string;
}

/**
 * Reads `<name>.update` with its `.json`, as `dmz image edge build` wrote them, and verifies signature, size and hash:
 * what a device would refuse is not announced.
 * @param keyFile PEM of the key that signs updates, or of its public half
 * @throws CommandError for the first that does not hold
 */
export async function readUpdate(file: string, keyFile: string): Promise<ReadUpdate> {
  const read = (path: string, fix: string): Promise<string> =>
    readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw new CommandError(`${path}: cannot be read (${error.code})`, fix);
    });
  const key = readPem(
    keyFile,
    await read(keyFile, "name the key that signs updates, or its public half, with --key"),
    createPublicKey,
    "key",
  );
  const path = `${file}.json`;
  const wrong = (why: string): CommandError =>
    new CommandError(`${path}: ${why}`, "name the .update file that 'dmz image edge build' wrote");
  let signed: SignedUpdate;
  let manifest: UpdateManifest;
  try {
    signed = JSON.parse(
      await read(path, "name the .update file that 'dmz image edge build' wrote: this lies beside it"),
    ) as SignedUpdate;
    manifest = JSON.parse(signed.manifest) as UpdateManifest;
  } catch (error) {
    throw error instanceof CommandError ? error : wrong("is no signed manifest");
  }
  const isSigned =
    key.asymmetricKeyType === "ed25519" &&
    verify(null, Buffer.from(signed.manifest), key, Buffer.from(signed.signature, "base64"));
  if (!isSigned) throw new CommandError(`${path}: was not signed with ${keyFile}`, "do not announce it");
  const { size } = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${file}: cannot be read (${error.code})`, "it lies beside its .json");
  });
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  if (size !== manifest.size || hash.digest("hex") !== manifest.sha256)
    throw new CommandError(`${file}: is not what was signed`, "build it again");
  return { signed, manifest, file };
}
