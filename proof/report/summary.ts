import type { Proof } from "../verdict";
import { timeText } from "./date-text";
import { html, type Html } from "./html";
import { countText, numberText } from "./number-text";
import type { PromiseState } from "./promise-states";
import type { ReportInput } from "./report-input";
import { stateOf } from "./state";
import { stateClass } from "./state-mark";

const KINDS = { plan: "Terraform plan", synth: "synthesized stack", state: "Terraform state" } as const;

/** Which site, which plan, when, and what it comes to. */
export const summary = (input: ReportInput, states: readonly PromiseState[]): Html =>
  html` <header>
    <p class="kicker">Security posture</p>
    <h1>${input.site.name}</h1>
    <dl class="facts">
      ${fact("Host", input.site.host)}
      ${fact("Reached", input.site.access === "private" ? "over a VPN alone" : "from the internet")}
      ${fact("AWS account, region", `${input.site.aws.account}, ${input.site.aws.region} (${countText(input.site.aws.zones.length, "zone")})`)}
      ${fact("Lifetime", input.site.lifetime)}
      ${fact("Read from", `${KINDS[input.source.kind]}: ${input.source.name}, ${countText(input.source.resources, "resource")}`)}
      ${fact("SHA-256 of it", html`<code>${input.source.sha256}</code>`)}
      ${fact("Made", `${timeText(input.made)} by mqtt-dmz ${input.version}`)}
    </dl>
    ${overall(input.proofs, states)}
    ${
      input.source.unread.length > 0
        ? html`<div class="verdict unproven">
            <p><strong>${countText(input.source.unread.length, "thing")} could not be read:</strong></p>
            <ol class="reasons">
              ${input.source.unread.slice(0, 20).map(({ at, says }) => html`<li><code>${at}</code> ${says}</li>`)}
            </ol>
          </div>`
        : undefined
    }
  </header>`;

const fact = (name: string, value: string | Html): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

function overall(proofs: readonly Proof[], states: readonly PromiseState[]): Html {
  const count = (answer: string): number => proofs.filter(({ verdict }) => verdict.answer === answer).length;
  const state = stateOf(proofs);
  const unchecked = states.filter((promise) => promise.state === "NOT CHECKED").map(({ text }) => text.id);
  return html`<div class="verdict ${stateClass(state)}">
    <p class="headline">${HEADLINES[state]}</p>
    <p>
      ${countText(proofs.length, "check")} ran: ${numberText(count("PROVEN"))} proven, ${numberText(count("VIOLATED"))}
      violated, ${numberText(count("UNPROVEN"))} unproven.
      ${unchecked.length > 0 ? `No check ran for ${unchecked.join(", ")}: nothing is claimed about ${unchecked.length === 1 ? "it" : "them"}.` : ""}
    </p>
  </div>`;
}

const HEADLINES = {
  PROVEN: "Everything that was checked is proven.",
  "PROVEN IN PART": "Everything that was checked is proven.",
  VIOLATED: "At least one promise is broken. See the counterexamples.",
  UNPROVEN: "Something was not understood: not everything that was checked is proven.",
  "NOT CHECKED": "No check ran. This report claims nothing.",
  "NOT DECLARED": "No check ran. This report claims nothing.",
} as const;
