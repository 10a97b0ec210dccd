import { expect, test } from "@jest/globals";
import { accessProperties } from "../../../proof/access/access-properties";
import { makeFacts } from "../../../proof/facts/make-facts";
import { readSynth } from "../../../proof/facts/read-synth";
import { hygieneProperties } from "../../../proof/hygiene/hygiene-properties";
import { siteNetworkProperties } from "../../../proof/network/network-properties";
import { bareLabel, checksWith, coverage, evidenceFor } from "../../../proof/report/control-evidence";
import { controlsSection } from "../../../proof/report/controls-section";
import { CONTROLS, REQUIREMENTS } from "../../../proof/report/crosswalk";
import { rulesetProperties } from "../../../proof/ruleset/ruleset-properties";
import { secretsProperties } from "../../../proof/secrets/secrets-properties";
import type { Proof } from "../../../proof/verdict";
import riverside from "../../../sites/riverside";
import { synthesizeSite } from "../synthesize-site";
import { proof, proven } from "./sample-input";

const none = makeFacts("synth", "none", [], []);
const everyCheck = [
  ...siteNetworkProperties("internet"),
  ...siteNetworkProperties("private"),
  ...accessProperties({ document: { shards: [], roles: [], identities: [] }, declared: [] }),
  ...secretsProperties,
  ...rulesetProperties,
  ...hygieneProperties({ facts: readSynth(synthesizeSite(riverside)), suppressions: [], today: "2026-11-22" }),
].map(({ id, promises, controls }): Proof => proof(id, promises, proven, [...controls]));

test("every check of the prover is evidence for a control", () => {
  expect(none.resources).toHaveLength(0);
  const used = new Set(CONTROLS.flatMap((control) => evidenceFor(control, everyCheck).map(({ id }) => id)));
  expect(everyCheck.filter(({ id }) => !used.has(id)).map(({ id, controls }) => [id, controls])).toEqual([]);
});

test("every requirement of IEC 62443 that a control or a check names has its title", () => {
  const labels = [
    ...CONTROLS.flatMap(({ iec }) => iec),
    ...everyCheck.flatMap(({ controls }) => controls.map(bareLabel)),
  ];
  for (const label of labels.filter((each) => /^(SR|ZCR) /.test(each)))
    expect([label, REQUIREMENTS[label]]).toEqual([label, expect.any(String)]);
});

test("without a check that ran, no row of either table is anything but not checked", () => {
  const rows = controlsSection([]).text;
  expect(rows).not.toMatch(/class="state (?!not-checked)/);
  expect(rows.match(/NOT CHECKED/g)!.length).toBeGreaterThan(CONTROLS.length);
  expect(coverage([])).toEqual({ controls: CONTROLS.length, evidenced: 0 });
});

test("the DMZ's open ports are no evidence for the edge's closed ones", () => {
  const edge = CONTROLS.find(({ control }) => control.includes("edge"))!;
  const dmz = CONTROLS.find(({ control }) => control.includes("DMZ"))!;
  const check = proof("internet-reaches-exactly", ["P1"], proven, ["M0937"]);
  expect(evidenceFor(dmz, [check])).toEqual([check]);
  expect(evidenceFor(edge, [check])).toEqual([]);
});

test("a check counts for the requirement that it names, however it spells the standard", () => {
  const check = proof("x", ["P1"], proven, ["IEC 62443-3-3 SR 5.2"]);
  expect(checksWith("SR 5.2", [check])).toEqual([check]);
  expect(checksWith("SR 5", [check])).toEqual([]);
});
