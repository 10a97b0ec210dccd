import { zonesAndConduits } from "../network/zones-and-conduits";
import { checkAnchor } from "./check-view";
import { html, type Html } from "./html";
import type { ReportInput } from "./report-input";
import { siteDrawing } from "./site-drawing";
import { stateOf } from "./state";
import { stateMark } from "./state-mark";
import { portTexts, undeclaredFlows } from "./undeclared-flows";

/** The site as a picture, and the same as a table. */
export function drawingSection(input: ReportInput): Html {
  const check = input.proofs.filter(({ id }) => id === zonesAndConduits.id);
  const beyond = undeclaredFlows(input.conduits, input.found);
  return html` <section aria-labelledby="site">
    <h2 id="site">Zones and conduits</h2>
    <p class="lead">
      Drawn as declared. That the network permits these ways and no others: ${stateMark(stateOf(check))}
      ${check.map(({ id }) => html`<a href="#${checkAnchor(id)}">evidence</a>`)}
    </p>
    ${siteDrawing(input)}
    <div class="scroll" role="region" aria-label="Conduits" tabindex="0">
      <table>
        <caption>
          Conduits
        </caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Ports</th>
            <th scope="col">What for</th>
          </tr>
        </thead>
        <tbody>
          ${input.conduits.map(
            (conduit) =>
              html`<tr>
                <td>${conduit.from}</td>
                <td>${conduit.to}</td>
                <td>${portTexts(conduit).join(", ")}</td>
                <td>${conduit.why}</td>
              </tr>`,
          )}${beyond.map(
            ({ from, to, ports }) =>
              html`<tr class="undeclared-row">
                <td>${from}</td>
                <td>${to}</td>
                <td>${ports.join(", ")}</td>
                <td><strong>not declared</strong></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
