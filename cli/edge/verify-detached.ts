import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { CommandError } from "../command-error";
import { readPem } from "../image/read-pem";

/**
 * Verifies an artefact against `<file>.sha256` and that against `<file>.sha256.sig`, as `sha256sum -c` and `openssl dgst
 * -verify` would.
 * @returns the file's name
 * @throws CommandError for the first that does not hold
 */
export async function verifyDetached(file: string, publicKeyFile: string): Promise<string> {
  const key = readPem(publicKeyFile, await readFile(publicKeyFile, "utf8"), createPublicKey, "public key");
  const line = await readFile(`${file}.sha256`);
  if (!verify("sha256", line, key, await readFile(`${file}.sha256.sig`)))
    throw new CommandError(`${file}.sha256: was not signed with ${publicKeyFile}`, "do not use the file");
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const name = basename(file);
  if (line.toString() !== `${hash.digest("hex")}  ${name}\n`)
    throw new CommandError(`${file}: is not what was signed`, "do not use it");
  return name;
}
