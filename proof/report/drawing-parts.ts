import { html, type Html } from "./html";
import { visibleText } from "./visible-text";

/** A rectangle of the drawing, in its own units. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Mean width of a letter, as a share of the font's size: sans-serif faces differ little. */
const LETTER = 0.56;

/** Text that fits into `width` at `size`; what is cut shows as `…`. */
export function fit(text: string, width: number, size: number): string {
  const most = Math.max(1, Math.floor(width / (size * LETTER)));
  const letters = [...visibleText(text)];
  return letters.length <= most ? letters.join("") : `${letters.slice(0, most - 1).join("")}…`;
}

/** A frame with a name on its upper edge. */
export const zoneFrame = ({ x, y, width, height }: Box, kind: string, title: string, note = ""): Html =>
  html` <g
    ><rect class="zone ${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="10" />
    <text class="zone-title" x="${x + 14}" y="${y + 22}">${title}</text>
    ${note ? html`<text class="zone-note" x="${x + width - 14}" y="${y + 22}" text-anchor="end">${note}</text>` : undefined}</g
  >`;

/** A thing of the site: a name, and up to two lines about it. */
export const component = ({ x, y, width, height }: Box, title: string, ...lines: readonly string[]): Html => {
  const middle = x + width / 2;
  const first = y + height / 2 - lines.length * 7.5 + 4;
  return html`<g
    ><rect class="component" x="${x}" y="${y}" width="${width}" height="${height}" rx="7" />
    <text class="component-title" x="${middle}" y="${first}" text-anchor="middle">${title}</text>
    ${lines.map((line, index) => html`<text class="component-line" x="${middle}" y="${first + 16 + index * 14}" text-anchor="middle">${line}</text>`)}</g
  >`;
};

/** An arrow along a path, with its ports where it is widest. */
export const arrow = (
  path: string,
  ports: readonly string[],
  at: { readonly x: number; readonly y: number },
  kind: "declared" | "undeclared" = "declared",
): Html =>
  html`<g class="arrow ${kind}"
    ><path d="${path}" marker-end="url(#tip-${kind})" />${ports.map(
      (port, index) =>
        html`<text class="port" x="${at.x}" y="${at.y - (ports.length - 1 - index) * 14}" text-anchor="middle"
          >${port}</text
        >`,
    )}</g
  >`;
