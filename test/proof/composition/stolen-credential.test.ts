import { expect, test } from "@jest/globals";
import { deriveAccess } from "../../../policy/derive-access";
import { stolenCredential } from "../../../proof/composition/stolen-credential";
import type { Proof, Verdict } from "../../../proof/verdict";
import { accessProperties } from "../../../proof/access/access-properties";
import { HYGIENE_RULES } from "../../../proof/hygiene/hygiene-properties";
import { siteNetworkProperties } from "../../../proof/network/network-properties";
import { proveProperties } from "../../../proof/prove-properties";
import { secretsProperties } from "../../../proof/secrets/secrets-properties";
import riverside from "../../../sites/riverside";
import { documentOf } from "../access/document-of";
import { secretsOf, changedStack, allow } from "../secrets/riverside";

const declared = deriveAccess(riverside);
const document = documentOf(declared);

const proof = (id: string, verdict: Verdict): Proof => ({ id, what: "", why: "", promises: [], controls: [], verdict });
const proven = (id: string): Proof => proof(id, { answer: "PROVEN", checked: 1, says: "" });

/** What was really proven of access and secrets; the network's and the listeners' verdicts are given. */
const proofs = (stack = changedStack(() => undefined)): readonly Proof[] => [
  ...proveProperties(accessProperties({ document, declared }), { document, declared }),
  ...proveProperties(secretsProperties, secretsOf(stack)),
  ...siteNetworkProperties("internet").map(({ id }) => proven(id)),
  ...[...HYGIENE_RULES].map(proven),
];
const check = (all: readonly Proof[], access: "internet" | "private" = "internet") =>
  stolenCredential.check({ proofs: all, document, access });

test("it holds when every part of it holds, for every identity", () => {
  expect(check(proofs())).toMatchObject({ answer: "PROVEN", checked: 9 });
});

test("a fault anywhere on the way is the attacker's, with the way to it", () => {
  const verdict = check(proofs(changedStack((stack) => allow(stack, "broker_task", "iam:PassRole", "*"))));
  if (verdict.answer !== "VIOLATED") throw new Error(verdict.answer);
  expect(verdict.counterexamples[0]?.source).toBe("an attacker on the internet with one stolen credential");
  expect(verdict.counterexamples[0]?.path.slice(0, 2).map(({ at }) => at)).toEqual([
    "internet",
    "secrets-have-only-their-declared-readers",
  ]);
  expect(JSON.stringify(verdict)).toContain("keys with which to become anybody: secret riverside/ca");
});

test("without any one of its parts it is left open", () => {
  const all = proofs();
  const parts = all.filter(({ id }) => check(all.filter((each) => each.id !== id)).answer !== "PROVEN");
  // None of its premises was renamed: each is a property of somebody's.
  expect(parts.length).toBe(17);
  for (const { id } of parts)
    expect(check(all.filter((each) => each.id !== id))).toEqual({
      answer: "UNPROVEN",
      reasons: [{ at: id, says: "was not looked at" }],
    });
});

test("a private site is held to having no way in from the internet", () => {
  expect(check(proofs(), "private")).toEqual({
    answer: "UNPROVEN",
    reasons: [{ at: "private-site", says: "was not looked at" }],
  });
  expect(check([...proofs(), proven("private-site")], "private").answer).toBe("PROVEN");
});
