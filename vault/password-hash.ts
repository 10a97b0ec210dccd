import { createHash } from "node:crypto";

/**
 * @returns SHA-256(salt || password). A fast hash is right here, and only here: passwords are 256 generated random bits
 * (decision 4), which no dictionary holds, while a slow hash would let anybody exhaust the broker's CPU.
 */
export const passwordHash = (salt: Uint8Array, password: Uint8Array | string): Buffer =>
  createHash("sha256").update(salt).update(password).digest();
