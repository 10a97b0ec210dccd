import { html, type Html } from "./html";
import { countText } from "./number-text";
import type { ReportInput } from "./report-input";

const usd = (value: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** What the site costs for standing there. */
export function costSection({ cost }: Pick<ReportInput, "cost">): Html {
  const rows = [...cost.byType].sort(([, a], [, b]) => b - a);
  return html` <section aria-labelledby="cost">
    <h2 id="cost">Cost</h2>
    <p class="lead">
      <strong class="figure">${usd(cost.usd)} USD</strong> a month for standing there, at list prices of eu-central-1;
      traffic, storage and logs come on top, as docs/cost.md counts them for the sample site.
    </p>
    ${
      rows.length === 0
        ? html`<p class="nothing">Nothing that was read has a standing price.</p>`
        : html`<div class="scroll" role="region" aria-label="Cost by kind of resource" tabindex="0">
            <table class="narrow">
              <caption>
                By kind of resource
              </caption>
              <thead>
                <tr>
                  <th scope="col">Kind</th>
                  <th scope="col" class="number">USD a month</th>
                </tr>
              </thead>
              <tbody>
                ${rows.map(
                  ([type, value]) =>
                    html`<tr>
                      <th scope="row"><code>${type}</code></th>
                      <td class="number">${usd(value)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
    ${
      cost.unpriced.length > 0
        ? html`<p>
            <strong>Left out:</strong> the price of ${countText(cost.unpriced.length, "resource")} is not known here:
            ${cost.unpriced.slice(0, 20).join(", ")}${cost.unpriced.length > 20 ? ", and more" : ""}.
          </p>`
        : html`<p>No resource's price is unknown.</p>`
    }
  </section>`;
}
