import type { KeyObject } from "node:crypto";
import { CommandError } from "../command-error";

/**
 * Turns a file's text into a key.
 * @param read `createPublicKey` or `createPrivateKey`
 * @param kind for the message: `public key`
 * @throws CommandError if it is none; the text itself is not shown, it may be secret
 */
export function readPem(path: string, text: string, read: (text: string) => KeyObject, kind: string): KeyObject {
  try {
    return read(text);
  } catch {
    throw new CommandError(`${path}: this is no ${kind} in PEM`, "name the file of another key with --key");
  }
}
