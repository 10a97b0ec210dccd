import { randomBytes } from "node:crypto";

import type { PasswordRecord } from "../policy/credentials";
import { passwordHash } from "../vault/password-hash";

/** @returns a new password: 256 random bits as 43 base64url characters. Never chosen, never imported (decision 4). */
export const generatePassword = (): string => randomBytes(32).toString("base64url");

/** @returns the record of a generated password, salted; `vault/verify-password.ts` checks against it. */
export const hashPassword = (password: string): PasswordRecord => {
  const salt = randomBytes(16);
  return { salt: salt.toString("base64url"), hash: passwordHash(salt, password).toString("base64url") };
};
