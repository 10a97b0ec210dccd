import type { Proof } from "../verdict";
import { coverage } from "./control-evidence";
import { PROMISES, type PromiseText } from "./promises";
import type { ReportInput } from "./report-input";
import { type State, stateInPart } from "./state";

/** A promise and the checks that ran for it. */
export interface PromiseState {
  readonly text: PromiseText;
  readonly proofs: readonly Proof[];
  readonly state: State;
  /** In one short line, for the overview. */
  readonly line: string;
}

/** What each promise comes to. A promise that no check ran for is never proven. */
export const promiseStates = ({ proofs, site }: Pick<ReportInput, "proofs" | "site">): readonly PromiseState[] =>
  PROMISES.map((text) => {
    const own = proofs.filter(({ promises }) => promises.includes(text.id));
    // Only a site that is declared private makes this promise.
    const idle = text.id === "P6" && site.access !== "private" && own.length === 0;
    // Promise P9 is about the controls: all of them, or it is kept in part.
    const inPart = text.id === "P9" ? coverage(proofs).evidenced < coverage(proofs).controls : text.inPart;
    const state = idle ? "NOT DECLARED" : stateInPart(own, inPart);
    return { text, proofs: own, state, line: lineOf(own, idle) };
  });

function lineOf(proofs: readonly Proof[], idle: boolean): string {
  if (idle) return "this site is reached from the internet";
  if (proofs.length === 0) return "no check ran";
  const proven = proofs.filter(({ verdict }) => verdict.answer === "PROVEN").length;
  return `${proven} of ${proofs.length} ${proofs.length === 1 ? "check" : "checks"} proven`;
}
