import { checkAnchor, checkView } from "./check-view";
import { html, type Html } from "./html";
import type { PromiseState } from "./promise-states";
import { stateClass, stateMark } from "./state-mark";
import type { Proof } from "../verdict";

/** The nine promises at a glance. */
export const promiseCards = (states: readonly PromiseState[]): Html =>
  html` <ul class="cards">
    ${states.map(
      ({ text, state, line }) =>
        html` <li class="card ${stateClass(state)}">
          <a href="#${text.id}"
            ><span class="card-id">${text.id}</span> <span class="card-title">${text.title}</span></a
          >
          ${stateMark(state)} <span class="card-line">${line}</span>
        </li>`,
    )}
  </ul>`;

/** Every promise with every check that ran for it. A check of two promises is shown with the first. */
export function promisesSection(states: readonly PromiseState[], proofs: readonly Proof[]): Html {
  const shown = new Set<string>();
  const others = proofs.filter(({ promises }) => !states.some(({ text }) => promises.includes(text.id)));
  return html` <section aria-labelledby="promises">
    <h2 id="promises">Promises and evidence</h2>
    <p class="lead">
      Each check answers PROVEN, VIOLATED with a counterexample, or UNPROVEN with what it did not understand. A promise
      is as good as the worst of its checks.
    </p>
    ${states.map((promise) => promiseView(promise, shown))}
    ${
      others.length > 0
        ? html`<section class="promise" aria-labelledby="others">
            <h3 id="others">Other checks</h3>
            ${others.map(checkView)}
          </section>`
        : undefined
    }
  </section>`;
}

function promiseView({ text, state, proofs, line }: PromiseState, shown: Set<string>): Html {
  const fresh = proofs.filter(({ id }) => !shown.has(id));
  const before = proofs.filter(({ id }) => shown.has(id));
  for (const { id } of fresh) shown.add(id);
  return html` <section class="promise" aria-labelledby="${text.id}">
    <div class="promise-head">
      <h3 id="${text.id}"><span class="promise-id">${text.id}</span> ${text.title}</h3>
      ${stateMark(state)}
    </div>
    <p class="promise-text">${text.promise}</p>
    ${proofs.length === 0 ? html`<p class="nothing">${sentence(state, line)}</p>` : undefined} ${fresh.map(checkView)}
    ${before.length > 0 ? html`<p class="labels">Also for this promise:${before.map(({ id }) => html` <a href="#${checkAnchor(id)}"><code>${id}</code></a>`)}</p>` : undefined}
    <p class="beyond">${text.beyond}</p>
  </section>`;
}

const sentence = (state: PromiseState["state"], line: string): string =>
  state === "NOT DECLARED"
    ? `Not promised here: ${line}.`
    : "No check ran for this promise, so this report claims nothing about it.";
