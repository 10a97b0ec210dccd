import { describe, expect, test } from "@jest/globals";

import { generatePassword, hashPassword } from "../../ca/password";
import { verifyPassword } from "../../vault/verify-password";

const record = (...passwords: string[]): { passwords: ReturnType<typeof hashPassword>[]; validFrom: number } => ({
  passwords: passwords.map(hashPassword),
  validFrom: 0,
});

describe("a password", () => {
  test("is 256 generated bits, and never twice the same", () => {
    const passwords = new Set(Array.from({ length: 100 }, generatePassword));
    expect(passwords.size).toBe(100);
    for (const password of passwords) expect(Buffer.from(password, "base64url")).toHaveLength(32);
  });

  test("is stored salted: one password has a different record each time", () => {
    expect(hashPassword("same")).not.toEqual(hashPassword("same"));
    expect(JSON.stringify(hashPassword("plain-text"))).not.toContain("plain-text");
  });

  test("is accepted as text and as MQTT's bytes", () => {
    const password = generatePassword();
    expect(verifyPassword(record(password), password)).toBe(true);
    expect(verifyPassword(record(password), Buffer.from(password))).toBe(true);
  });

  test("is accepted when it is either of two, while it is being changed", () => {
    const both = record("old", "new");
    expect([verifyPassword(both, "old"), verifyPassword(both, "new"), verifyPassword(both, "other")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test.each([
    ["wrong", record("right"), "wrong"],
    ["empty", record("right"), ""],
    ["the stored hash", record("right"), record("right").passwords[0]!.hash],
    ["right with something behind it", record("right"), "right "],
  ])("that is %s is refused", (_, stored, password) => {
    expect(verifyPassword(stored, password)).toBe(false);
  });

  test("of an identity without record or without passwords is refused, whatever it is", () => {
    for (const password of ["", "A".repeat(43), generatePassword()]) {
      expect(verifyPassword(undefined, password)).toBe(false);
      expect(verifyPassword({ passwords: [], validFrom: 0 }, password)).toBe(false);
    }
  });

  test("is refused when its record is damaged", () => {
    const damaged = { passwords: [{ salt: "", hash: "" }], validFrom: 0 };
    expect(verifyPassword(damaged, "")).toBe(false);
  });
});
