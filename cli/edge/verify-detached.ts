import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { CommandError } from "../command-error";
import { readPem } from "../image/read-pem";

/** A file that is what was signed. */
export interface VerifiedFile {
  /** Its name, which is signed with its content. */
  readonly name: string;
  /** Of its content, hex. */
  readonly sha256: string;
}

/**
 * Verifies an artefact against `<file>.sha256` and that against `<file>.sha256.sig`, as `sha256sum -c` and `openssl dgst
 * -verify` would.
 * @param keyName as a person calls the key
 * @throws CommandError for the first that does not hold
 */
export async function verifySigned(file: string, key: KeyObject, keyName: string): Promise<VerifiedFile> {
  const read = (path: string): Promise<Buffer> =>
    readFile(path).catch((error: NodeJS.ErrnoException) => {
      throw new CommandError(
        `${path}: cannot be read (${error.code})`,
        "use the image as 'dmz image edge build' wrote it, with what lies beside it",
      );
    });
  const line = await read(`${file}.sha256`);
  if (!verify("sha256", line, key, await read(`${file}.sha256.sig`)))
    throw new CommandError(`${file}.sha256: was not signed with ${keyName}`, "do not use the file");
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const [name, sha256] = [basename(file), hash.digest("hex")];
  if (line.toString() !== `${sha256}  ${name}\n`)
    throw new CommandError(`${file}: is not what was signed`, "do not use it");
  return { name, sha256 };
}

/** The same with a key in a file, PEM. @returns the file's name */
export async function verifyDetached(file: string, publicKeyFile: string): Promise<string> {
  const key = readPem(publicKeyFile, await readFile(publicKeyFile, "utf8"), createPublicKey, "public key");
  return (await verifySigned(file, key, publicKeyFile)).name;
}
