import { createHash } from "node:crypto";
import { accessSection } from "./access-section";
import { certificatesSection } from "./certificates-section";
import { controlsSection } from "./controls-section";
import { costSection } from "./cost-section";
import { drawingSection } from "./drawing-section";
import { Html, html } from "./html";
import { promiseStates } from "./promise-states";
import { promiseCards, promisesSection } from "./promises-section";
import type { ReportInput } from "./report-input";
import { STYLE } from "./style";
import { summary } from "./summary";

/**
 * The report as one HTML file. Its content security policy admits this very style sheet and this very script and nothing
 * else, no connection of any kind, so that not even a fault in escaping could run or send anything.
 *
 * @param script what the page runs: text of a classic script that holds no `</script`.
 */
export function renderReport(input: ReportInput, script: string): string {
  const states = promiseStates(input);
  const [style, code] = [inlined("style", STYLE), inlined("script", script)];
  const policy = `default-src 'none'; style-src ${style.source}; script-src ${code.source}; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>Security posture of ${input.site.name}</title>
        ${style.element}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        ${summary(input, states)}
        <main id="main" tabindex="-1">
          <nav aria-label="Sections">
            <ul>
              ${SECTIONS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ul>
          </nav>
          ${promiseCards(states)} ${drawingSection(input)} ${promisesSection(states, input.proofs)}
          ${accessSection(input)} ${controlsSection(input.proofs)} ${certificatesSection(input)} ${costSection(input)}
        </main>
        <footer>
          <p>
            Made from the declaration and the plan alone; nothing was asked of the network. What a plan cannot show is
            said at each promise.
          </p>
        </footer>
        ${code.element}
      </body>
    </html> `.text;
}

const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ["site", "Zones and conduits"],
  ["promises", "Promises and evidence"],
  ["access", "Access matrix"],
  ["controls", "Controls and standards"],
  ["certificates", "Certificates"],
  ["cost", "Cost"],
];

/** An element whose text a policy admits by its hash, which is over every character between the tags. */
function inlined(name: "style" | "script", text: string): { readonly element: Html; readonly source: string } {
  if (text.toLowerCase().includes(`</${name}`)) throw new Error(`the page's ${name} must not hold "</${name}"`);
  const hash = createHash("sha256").update(text).digest("base64");
  return { element: new Html(`<${name}>${text}</${name}>`), source: `'sha256-${hash}'` };
}
