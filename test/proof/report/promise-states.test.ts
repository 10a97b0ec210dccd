import { expect, test } from "@jest/globals";
import { promiseStates } from "../../../proof/report/promise-states";
import { proof, proven, sampleInput, unproven, violated } from "./sample-input";

const stateOf = (id: string, input = sampleInput()) => promiseStates(input).find(({ text }) => text.id === id)!.state;

test("a promise that no check ran for is not checked, never proven", () => {
  const states = promiseStates(sampleInput({ proofs: [] }));
  expect(states.map(({ state }) => state)).toEqual(
    ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9"].map((id) => (id === "P6" ? "NOT DECLARED" : "NOT CHECKED")),
  );
});

test.each([
  ["PROVEN", [proven, proven]],
  ["UNPROVEN", [proven, unproven]],
  ["VIOLATED", [unproven, violated, proven]],
])("a promise is %s after the worst of its checks", (state, verdicts) => {
  const proofs = verdicts.map((verdict, index) => proof(`check-${index}`, ["P1"], verdict));
  expect(stateOf("P1", sampleInput({ proofs }))).toBe(state);
});

test("what is mostly behaviour is proven in part at most, and violated as a whole", () => {
  expect(stateOf("P8", sampleInput({ proofs: [proof("x", ["P8"], proven)] }))).toBe("PROVEN IN PART");
  expect(stateOf("P8", sampleInput({ proofs: [proof("x", ["P8"], violated)] }))).toBe("VIOLATED");
});

test("the promise about controls is proven in part while a control has no check", () => {
  expect(stateOf("P9", sampleInput({ proofs: [proof("x", ["P9"], proven)] }))).toBe("PROVEN IN PART");
});

test("a private site is held to its promise even if nobody checked it", () => {
  const { site } = sampleInput();
  expect(stateOf("P6", sampleInput({ proofs: [], site: { ...site, access: "private" } }))).toBe("NOT CHECKED");
});
