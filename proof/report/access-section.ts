import { IDENTITY } from "../../policy/access-document";
import { type AccessData, accessData } from "./access-data";
import { BROWSER } from "./browser-ids";
import { html, type Html, jsonElement } from "./html";
import { countText, numberText } from "./number-text";
import type { ReportInput } from "./report-input";

/** Who may publish and subscribe what: by role for paper, by identity for the screen. */
export function accessSection({ access }: Pick<ReportInput, "access">): Html {
  const data = accessData(access.identities);
  return html` <section aria-labelledby="access">
    <h2 id="access">Access matrix</h2>
    <p class="lead">
      What the access document
      ${access.deployed ? "that will be deployed" : "of the declaration (the stack deploys none)"} grants to
      ${countText(data.identities.length, "identity", "identities")}; whatever is not listed is refused. In a role,
      <code>${IDENTITY}</code> stands for the identity's own name.
    </p>
    ${browser(data)} ${roleTable(data)} ${jsonElement(BROWSER.data, data)}
  </section>`;
}

function roleTable({ roles, identities }: AccessData): Html {
  const counts = new Map<number, number>();
  for (const [, , role] of identities) counts.set(role, (counts.get(role) ?? 0) + 1);
  return html`<div class="scroll" role="region" aria-label="Roles" tabindex="0">
    <table>
      <caption>
        Roles
      </caption>
      <thead>
        <tr>
          <th scope="col">Role</th>
          <th scope="col" class="number">Identities</th>
          <th scope="col">May publish</th>
          <th scope="col">May subscribe</th>
        </tr>
      </thead>
      <tbody>
        ${roles.map(
          ([id, publish, subscribe], index) =>
            html`<tr>
              <th scope="row"><code>${id}</code></th>
              <td class="number">${numberText(counts.get(index) ?? 0)}</td>
              <td>${filters(publish)}</td>
              <td>${filters(subscribe)}</td>
            </tr>`,
        )}${
          counts.has(-1)
            ? html`<tr>
                <th scope="row">no role in the document</th>
                <td class="number">${numberText(counts.get(-1)!)}</td>
                <td>nothing</td>
                <td>nothing</td>
              </tr>`
            : undefined
        }
      </tbody>
    </table>
  </div>`;
}

const filters = (list: readonly string[]): Html =>
  list.length === 0
    ? html`<span class="quiet">nothing</span>`
    : html`<ul class="plain">
        ${list.map((filter) => html`<li><code>${filter}</code></li>`)}
      </ul>`;

const browser = ({ roles }: AccessData): Html =>
  html` <div class="browser">
      <h3 id="identities">Identities</h3>
      <noscript
        ><p class="nothing">
          The list of identities is drawn by a script, which this browser does not run. The table of roles above says
          the same.
        </p></noscript
      >
      <form id="${BROWSER.form}" role="search" aria-labelledby="identities" autocomplete="off">
        <label
          >Identity <input type="search" id="${BROWSER.name}" placeholder="part of a name" spellcheck="false"
        /></label>
        <label
          >Kind
          <select id="${BROWSER.kind}">
            <option value="">all</option>
            <option value="e">edge</option>
            <option value="n">enterprise</option>
          </select></label
        >
        <label
          >Role
          <select id="${BROWSER.role}">
            <option value="">all</option>
            ${roles.map(([id], index) => html`<option value="${index}">${id}</option>`)}
          </select></label
        >
        <label class="wide"
          >Who may use this topic or filter?
          <input
            type="search"
            id="${BROWSER.topic}"
            placeholder="${example(roles)}"
            spellcheck="false"
            aria-describedby="${BROWSER.fault}"
        /></label>
        <p id="${BROWSER.fault}" class="fault" role="alert"></p>
      </form>
      <div class="pager">
        <p id="${BROWSER.status}" role="status">
          A script draws the list of identities, which this browser did not run. The table of roles below says the same.
        </p>
        <button type="button" id="${BROWSER.previous}">Previous</button
        ><button type="button" id="${BROWSER.next}">Next</button>
      </div>
      <div class="scroll" role="region" aria-label="Identities" tabindex="0">
        <table class="identities">
          <caption>
            Identities, with a witness topic where a filter has wildcards
          </caption>
          <thead>
            <tr>
              <th scope="col">Identity</th>
              <th scope="col">Kind</th>
              <th scope="col">Role</th>
              <th scope="col">May publish</th>
              <th scope="col">May subscribe</th>
            </tr>
          </thead>
          <tbody id="${BROWSER.rows}"></tbody>
        </table>
      </div>
    </div>
    <p class="paper">The list of identities can be searched in the file itself, on a screen.</p>`;

/** A topic of this site, so that whoever reads knows what to type. */
const example = (roles: AccessData["roles"]): string =>
  (roles.flatMap(([, publish]) => publish)[0] ?? "plant/area/device/data").replaceAll(IDENTITY, "+");
