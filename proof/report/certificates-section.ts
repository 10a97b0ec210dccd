import { dateText } from "./date-text";
import { html, type Html } from "./html";
import { countText, numberText } from "./number-text";
import type { ReportCertificate, ReportInput } from "./report-input";

const DAY = 24 * 60 * 60 * 1000;
/** Shorter than this, and somebody should renew now. */
const SOON = 30 * DAY;
/** Who has ten thousand devices reads those that end first. */
const MOST = 200;

type Dated = ReportCertificate & { readonly state: { readonly until: Date } };

const isDated = (certificate: ReportCertificate): certificate is Dated => "until" in certificate.state;

/** Certificates by the day on which they end, the soonest first. */
export function certificatesSection({ certificates, made }: Pick<ReportInput, "certificates" | "made">): Html {
  return html`<section aria-labelledby="certificates">
    <h2 id="certificates">Certificates</h2>
    ${
      certificates === undefined
        ? html`<p class="nothing">
            Not given: no folder of client bundles was named with <code>--bundles</code>, so this report claims nothing
            about certificates.
          </p>`
        : given(certificates, made)
    }
  </section>`;
}

function given(certificates: readonly ReportCertificate[], made: Date): Html {
  const dated = certificates
    .filter(isDated)
    .sort((a, b) => a.state.until.getTime() - b.state.until.getTime() || (a.name < b.name ? -1 : 1));
  const others = certificates.filter((certificate) => !isDated(certificate));
  const words = dated.map(({ state }) => standing(state, made).word);
  const count = (word: string): string => numberText(words.filter((each) => each === word).length);
  return html` <p class="lead">
      ${countText(dated.length, "certificate")} read: ${count("valid")} valid, ${count("ends soon")} ending within 30
      days, ${count("expired")}
      expired${words.includes("not yet valid") ? `, ${count("not yet valid")} not yet valid` : ""};
      ${countText(others.length, "entry", "entries")} without one.
    </p>
    ${table("By the day on which they end", dated, made)}${table("Without a certificate that could be read", others, made)}`;
}

function table(caption: string, certificates: readonly ReportCertificate[], made: Date): Html | undefined {
  if (certificates.length === 0) return undefined;
  const more = certificates.length - MOST;
  return html` <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table>
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Ends</th>
            <th scope="col">State</th>
            <th scope="col">Valid from</th>
            <th scope="col">Issuer</th>
            <th scope="col">File</th>
          </tr>
        </thead>
        <tbody>
          ${certificates.slice(0, MOST).map((certificate) => row(certificate, made))}
        </tbody>
      </table>
    </div>
    ${more > 0 ? html`<p>The first ${MOST} of ${countText(certificates.length, "entry", "entries")}.</p>` : undefined}`;
}

function row({ name, file, state }: ReportCertificate, made: Date): Html {
  if ("unknown" in state)
    return html`<tr>
      <th scope="row">${name}</th>
      <td>–</td>
      <td>${state.unknown}</td>
      <td>–</td>
      <td>–</td>
      <td><code>${file}</code></td>
    </tr>`;
  const { word, says, tone } = standing(state, made);
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${dateText(state.until)}</td>
    <td><span class="state ${tone}">${word}</span> ${says}</td>
    <td>${dateText(state.from)}</td>
    <td>${state.issuer}</td>
    <td><code>${file}</code></td>
  </tr>`;
}

function standing(state: { readonly until: Date; readonly from?: Date }, made: Date) {
  const left = state.until.getTime() - made.getTime();
  const days = countText(Math.floor(Math.abs(left) / DAY), "day");
  if (left < 0) return { word: "expired", says: `${days} ago`, tone: "violated" };
  if (state.from && state.from > made) return { word: "not yet valid", says: "", tone: "unproven" };
  return left < SOON
    ? { word: "ends soon", says: `in ${days}`, tone: "unproven" }
    : { word: "valid", says: `for ${days}`, tone: "neutral" };
}
