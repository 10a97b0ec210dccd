import type { Counterexample, Proof, Step, Verdict } from "../verdict";
import { html, type Html } from "./html";
import { countText, numberText } from "./number-text";
import { stateMark } from "./state-mark";

/** More of a kind would not help whoever reads; `dmz prove --json` has them all. */
const MOST = 20;
/** Alike ones follow each other: the first few tell the story, the others are a click away. */
const OPEN = 3;

/** Where a check stands in the page. */
export const checkAnchor = (id: string): string => `check-${id.replace(/[^A-Za-z0-9-]/g, "_")}`;

/** One check with its verdict and everything that it rests on. */
export const checkView = (proof: Proof): Html =>
  html` <article class="check" id="${checkAnchor(proof.id)}">
    <div class="check-head">
      ${stateMark(proof.verdict.answer)}
      <h4>${proof.what}</h4>
    </div>
    <p class="why">${proof.why}</p>
    ${evidence(proof.verdict)}
    <p class="labels"><code>${proof.id}</code>${proof.controls.map((label) => html` <span>${label}</span>`)}</p>
  </article>`;

function evidence(verdict: Verdict): Html {
  if (verdict.answer === "PROVEN")
    return html`<p class="evidence"><strong>Looked at ${numberText(verdict.checked)}:</strong> ${verdict.says}.</p>`;
  if (verdict.answer === "UNPROVEN")
    return html`<p class="evidence"><strong>Not understood, so nothing is claimed:</strong></p>
      ${steps(verdict.reasons, "reasons")}`;
  const count = verdict.counterexamples.length;
  const [open, folded] = [verdict.counterexamples.slice(0, OPEN), verdict.counterexamples.slice(OPEN, MOST)];
  return html`<p class="evidence"><strong>${countText(count, "counterexample")}</strong>${rest(count)}</p>
    <ol class="counterexamples">
      ${open.map(counterexample)}
    </ol>
    ${
      folded.length > 0
        ? html`<details>
            <summary>${countText(folded.length, "more counterexample")}</summary>
            <ol class="counterexamples" start="${OPEN + 1}">
              ${folded.map(counterexample)}
            </ol>
          </details>`
        : undefined
    }`;
}

const counterexample = ({ source, target, path }: Counterexample): Html =>
  html` <li>
    <p class="attack"><code>${source}</code> <span class="reaches">reaches</span> <code>${target}</code></p>
    ${steps(path, "hops")}
  </li>`;

const steps = (list: readonly Step[], kind: "hops" | "reasons"): Html =>
  html` <ol class="${kind}">
      ${list.slice(0, MOST).map(({ at, says }) => html`<li><code>${at}</code> ${says}</li>`)}
    </ol>
    ${list.length > MOST ? html`<p class="evidence">First ${MOST} of ${countText(list.length, "entry", "entries")}.</p>` : undefined}`;

const rest = (count: number): string => (count > MOST ? `, the first ${MOST} here` : "");
