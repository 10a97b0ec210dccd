import { expect, test } from "@jest/globals";
import { CONDUITS } from "../../../policy/conduits";
import { readSynth } from "../../../proof/facts/read-synth";
import { networkInput } from "../../../proof/network/network-input";
import { reviewStack, type Side } from "../../../proof/review/review-stack";
import riverside from "../../../sites/riverside";
import { StackDocument } from "../mutations/stack-document";
import { synthesizeSite } from "../synthesize-site";

const ORIGINAL = synthesizeSite(riverside);

const side = (change: (stack: StackDocument) => void): Side => {
  const stack = new StackDocument(ORIGINAL);
  change(stack);
  const facts = readSynth(stack.text);
  const network = networkInput(facts, { expose: [8883, 443], conduits: CONDUITS });
  return { facts, network, access: undefined, readers: [], proofs: [] };
};

const rule = (number: number, action: "allow" | "deny", port: number) => ({
  ...{ rule_no: number, action, protocol: "tcp", from_port: port, to_port: port, cidr_block: "0.0.0.0/0" },
  ...{ ipv6_cidr_block: null, icmp_type: null, icmp_code: null },
});
const withRules =
  (...rules: readonly object[]) =>
  (stack: StackDocument): void => {
    (stack.one("aws_network_acl", "public").ingress as object[]).push(...rules);
  };

const filtersBetween = (base: (stack: StackDocument) => void, head: (stack: StackDocument) => void) =>
  reviewStack("riverside", side(base), side(head)).filters;

test("a rule that lets the internet in where nothing listens is shown as opened", () => {
  const { gained, lost } = filtersBetween(() => undefined, withRules(rule(9, "allow", 22)));
  expect(gained).toEqual([expect.stringContaining("rule 9 allows tcp 22 with 0.0.0.0/0")]);
  expect(lost).toEqual([]);
});

test("a rule that kept the internet out and is gone is shown as opened, though what is let in is written as before", () => {
  const before = withRules(rule(8, "deny", 22), rule(9, "allow", 22));
  const { gained, lost } = filtersBetween(before, withRules(rule(9, "allow", 22)));
  expect(gained).toEqual([expect.stringMatching(/rule 8 denies tcp 22 with 0\.0\.0\.0\/0, no more$/)]);
  expect(lost).toEqual([]);
});

test("the same change backwards is shown as closed", () => {
  const after = withRules(rule(8, "deny", 22), rule(9, "allow", 22));
  const { gained, lost } = filtersBetween(withRules(rule(9, "allow", 22)), after);
  expect(gained).toEqual([]);
  expect(lost).toEqual([expect.stringContaining("rule 8 denies tcp 22 with 0.0.0.0/0")]);
});
