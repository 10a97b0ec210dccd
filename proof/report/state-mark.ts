import { html, type Html } from "./html";
import type { State } from "./state";

/** Shape and word beside the colour: a page that is printed grey says the same. */
const SYMBOL: Readonly<Record<State, string>> = {
  PROVEN: "✓",
  "PROVEN IN PART": "◐",
  VIOLATED: "✕",
  UNPROVEN: "?",
  "NOT CHECKED": "–",
  "NOT DECLARED": "–",
};

/** Class of a state in the style sheet. */
export const stateClass = (state: State): string => state.toLowerCase().replaceAll(" ", "-");

/** A verdict as a small label. */
export const stateMark = (state: State): Html =>
  html`<span class="state ${stateClass(state)}"><span aria-hidden="true">${SYMBOL[state]}</span> ${state}</span>`;
