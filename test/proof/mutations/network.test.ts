import { describe, expect, test } from "@jest/globals";
import { CONDUITS } from "../../../policy/conduits";
import { readSynth } from "../../../proof/facts/read-synth";
import { networkInput } from "../../../proof/network/network-input";
import { siteNetworkProperties } from "../../../proof/network/network-properties";
import { proveProperties } from "../../../proof/prove-properties";
import type { Verdict } from "../../../proof/verdict";
import riverside from "../../../sites/riverside";
import { synthesizeSite } from "../synthesize-site";
import { HARMLESS } from "./network-harmless";
import { VIOLATIONS } from "./network-violations";
import { StackDocument } from "./stack-document";

const ORIGINAL = synthesizeSite(riverside);

function verdicts(mutate: (stack: StackDocument) => void): ReadonlyMap<string, Verdict> {
  const stack = new StackDocument(ORIGINAL);
  mutate(stack);
  const input = networkInput(readSynth(stack.text), { expose: [8883, 443], conduits: CONDUITS });
  return new Map(proveProperties(siteNetworkProperties("internet"), input).map(({ id, verdict }) => [id, verdict]));
}

const answers = (found: ReadonlyMap<string, Verdict>) =>
  Object.fromEntries([...found].map(([id, { answer }]) => [id, answer]));
const ALL_PROVEN = Object.fromEntries(siteNetworkProperties("internet").map(({ id }) => [id, "PROVEN"]));

describe("the prover, of the sample site's network", () => {
  test("proves it as it is", () => {
    expect(answers(verdicts(() => undefined))).toEqual(ALL_PROVEN);
  });

  test.each(VIOLATIONS.map((violation) => [violation.title, violation] as const))("catches %s", (_, violation) => {
    const verdict = verdicts(violation.mutate).get(violation.property);
    if (verdict?.answer !== "VIOLATED") throw new Error(`expected VIOLATED, got ${JSON.stringify(verdict, null, 2)}`);
    const right = verdict.counterexamples.filter(
      ({ source, target, path }) =>
        target.includes(violation.target) &&
        source.includes(violation.source ?? "") &&
        violation.path.every((part) => path.some(({ at, says }) => `${at} ${says}`.includes(part))),
    );
    expect(right.length ? "shown" : verdict.counterexamples).toBe("shown");
  });

  test.each(HARMLESS.map((change) => [change.title, change] as const))("is not alarmed by %s", (_, { mutate }) => {
    const found = verdicts(mutate);
    const alarms = [...found].filter(([, { answer }]) => answer !== "PROVEN");
    expect(alarms).toEqual([]);
  });

  test("is held to forty violations and twenty harmless changes at least", () => {
    expect(VIOLATIONS.length).toBeGreaterThanOrEqual(40);
    expect(HARMLESS.length).toBeGreaterThanOrEqual(20);
    expect(new Set([...VIOLATIONS, ...HARMLESS].map(({ title }) => title)).size).toBe(
      VIOLATIONS.length + HARMLESS.length,
    );
  });
});
