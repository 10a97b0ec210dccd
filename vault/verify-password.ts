import { timingSafeEqual } from "node:crypto";

import type { CredentialRecord, PasswordRecord } from "../policy/credentials";
import { passwordHash } from "./password-hash";

/** Compared when there is no record, so that an unknown identity takes as long as a wrong password. No password hashes to it. */
const NOBODY: PasswordRecord = { salt: "A".repeat(22), hash: "A".repeat(43) };

/** Two is the most a record holds: both are always compared, whichever fits. */
const COMPARED = 2;

/**
 * Whether the password is one of the record's, in a time that depends neither on which, nor on how much of it fits, nor
 * on whether there is a record at all.
 * @param password as MQTT carries it: bytes (MQTT 3.1.1, section 3.1.3.5), or their UTF-8 text.
 */
export const verifyPassword = (record: CredentialRecord | undefined, password: Uint8Array | string): boolean => {
  let valid = 0;
  for (let index = 0; index < COMPARED; index++) {
    const known = record?.passwords[index];
    const { salt, hash } = known ?? NOBODY;
    const expected = Buffer.from(hash, "base64url");
    const got = passwordHash(Buffer.from(salt, "base64url"), password);
    const equal = expected.length === got.length && timingSafeEqual(expected, got);
    valid |= Number(equal) & Number(known !== undefined);
  }
  return valid === 1;
};
