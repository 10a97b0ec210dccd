import type { Proof } from "../verdict";

/** What a report says of a promise or a control: a verdict, or that there is none. */
export type State = "PROVEN" | "PROVEN IN PART" | "VIOLATED" | "UNPROVEN" | "NOT CHECKED" | "NOT DECLARED";

/** The worst verdict of all: what was not looked at is not proven. */
export const stateOf = (proofs: readonly Proof[]): State => {
  const answers = new Set(proofs.map(({ verdict }) => verdict.answer));
  if (answers.size === 0) return "NOT CHECKED";
  return answers.has("VIOLATED") ? "VIOLATED" : answers.has("UNPROVEN") ? "UNPROVEN" : "PROVEN";
};

/** The same for something that checks of a plan alone prove a part of. */
export const stateInPart = (proofs: readonly Proof[], inPart: boolean): State => {
  const state = stateOf(proofs);
  return state === "PROVEN" && inPart ? "PROVEN IN PART" : state;
};
