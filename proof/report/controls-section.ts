import type { Proof } from "../verdict";
import { checkAnchor } from "./check-view";
import { bareLabel, checksWith, coverage, evidenceFor } from "./control-evidence";
import { type Control, CONTROLS, FUNCTIONS, REQUIREMENTS } from "./crosswalk";
import { html, type Html } from "./html";
import { stateInPart } from "./state";
import { stateMark } from "./state-mark";

/** The tables of the NIST Cybersecurity Framework and of IEC 62443, filled from checks that ran. */
export function controlsSection(proofs: readonly Proof[]): Html {
  const { controls, evidenced } = coverage(proofs);
  return html` <section aria-labelledby="controls">
    <h2 id="controls">Controls and standards</h2>
    <p class="lead">
      A verdict is that of the checks beside it, which ran for this report; it certifies no requirement as a whole.
      ${evidenced} of ${controls} controls have a check. What tests of behaviour show is not counted here.
    </p>
    <div class="scroll" role="region" aria-label="NIST Cybersecurity Framework" tabindex="0">
      <table>
        <caption>
          NIST Cybersecurity Framework
        </caption>
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col">Control</th>
            <th scope="col">MITRE ATT&amp;CK for ICS, NIST SP 800-53</th>
            <th scope="col">Checks</th>
            <th scope="col">Evidence</th>
          </tr>
        </thead>
        ${FUNCTIONS.map((name) =>
          functionRows(
            name,
            CONTROLS.filter(({ functions }) => functions.includes(name)),
            proofs,
          ),
        )}
      </table>
    </div>
    <div class="scroll" role="region" aria-label="IEC 62443" tabindex="0">
      <table>
        <caption>
          IEC 62443
        </caption>
        <thead>
          <tr>
            <th scope="col">Requirement</th>
            <th scope="col">Title</th>
            <th scope="col">Checks</th>
            <th scope="col">Evidence</th>
          </tr>
        </thead>
        <tbody>
          ${requirements(proofs).map((label) => {
            const checks = checksWith(label, proofs);
            return html`<tr>
              <th scope="row">${label}</th>
              <td>${REQUIREMENTS[label] ?? ""}</td>
              ${cells(checks)}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

function functionRows(name: string, controls: readonly Control[], proofs: readonly Proof[]): Html {
  if (controls.length === 0)
    return html`<tbody>
      <tr>
        <th scope="rowgroup">${name}</th>
        <td colspan="2">No control of this report belongs to it: it is operators' work.</td>
        ${cells([])}
      </tr>
    </tbody>`;
  return html`<tbody>
    ${controls.map(
      (control, index) =>
        html`<tr>
          ${index === 0 ? html`<th scope="rowgroup" rowspan="${controls.length}">${name}</th>` : undefined}
          <td>${control.control}</td>
          <td class="ids">${[...control.attack, ...control.nist].join(", ")}</td>
          ${cells(evidenceFor(control, proofs), control.inPart)}
        </tr>`,
    )}
  </tbody>`;
}

const cells = (checks: readonly Proof[], inPart = false): Html =>
  html`<td>${stateMark(stateInPart(checks, inPart))}</td>
    <td class="ids">
      ${
        checks.length === 0
          ? "no check ran"
          : html`<ul class="plain">
              ${checks.map(({ id }) => html`<li><a href="#${checkAnchor(id)}">${id}</a></li>`)}
            </ul>`
      }
    </td>`;

/** Those of the crosswalk, and those that a check names besides. */
function requirements(proofs: readonly Proof[]): readonly string[] {
  const named = proofs.flatMap(({ controls }) => controls.map(bareLabel)).filter((label) => /^(SR|ZCR) /.test(label));
  const numeric = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });
  return [...new Set([...CONTROLS.flatMap(({ iec }) => iec), ...named])].sort(numeric);
}
