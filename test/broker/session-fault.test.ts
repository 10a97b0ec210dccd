import { X509Certificate } from "node:crypto";
import { expect, test } from "@jest/globals";
import { sessionFault } from "../../broker/src/authenticate";
import type { Identities } from "../../broker/src/material";
import { hashPassword } from "../../ca/password";
import { certify, strangeAuthority } from "./plant";

const DAY = 86_400_000;
const password = hashPassword("generated");
const identities = (validFrom = 0): Identities => ({
  credentials: new Map([["gw-1", { passwords: [password], validFrom }]]),
  access: {
    identity: (name) => (name === "gw-1" ? { name, kind: "edge", certificate: "required" } : undefined),
    mayPublish: () => false,
    maySubscribe: () => false,
    mayReceive: () => false,
  },
});
const certified = async (changes: Parameters<typeof certify>[2] = {}) => {
  const authority = await strangeAuthority();
  const { certificate } = await certify(authority, "gw-1", changes);
  const trust = authority.trust.map((pem) => new X509Certificate(pem));
  return { session: { name: "gw-1", password, certificate: new X509Certificate(certificate) }, trust };
};

test("a live session ends when its certificate does", async () => {
  const { session, trust } = await certified({ notAfter: new Date(Date.now() + DAY) });
  expect(sessionFault(session, identities(), trust, new Date())).toBeUndefined();
  expect(sessionFault(session, identities(), trust, new Date(Date.now() + DAY + 1_000))).toBe(
    "certificate: it has expired",
  );
});

test("a live session ends when its CA does, or is trusted no more", async () => {
  const { session, trust } = await certified({ notAfter: new Date(Date.now() + 20 * 365 * DAY) });
  expect(sessionFault(session, identities(), trust, new Date(Date.now() + 11 * 365 * DAY))).toBe(
    "certificate: the CA that signed it is out of its validity",
  );
  expect(sessionFault(session, identities(), [], new Date())).toBe("certificate: no trusted CA signed it");
});

test("a certificate that begins with the very second of validFrom is good, one that begins a second earlier is revoked", async () => {
  const second = Math.floor(Date.now() / 1000) - 10;
  const { session, trust } = await certified({ notBefore: new Date(second * 1000) });
  expect(sessionFault(session, identities(second), trust, new Date())).toBeUndefined();
  expect(sessionFault(session, identities(second + 1), trust, new Date())).toContain("(revoked)");
});
