import { visibleText } from "./visible-text";

/** Markup that is safe to place: made by `html` alone, or known to hold nothing of a stranger's. */
export class Html {
  constructor(readonly text: string) {}
}

export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const render = (value: HtmlValue): string => {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "string") return visibleText(value).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
  return typeof value === "number" ? String(value) : value.map(render).join("");
};

/** A template whose every value is escaped, in text and in quoted attributes alike; markup of its own is kept. */
export const html = (strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html =>
  new Html(strings.map((text, index) => (index === 0 ? text : render(values[index - 1]) + text)).join(""));

/** Data for a script of the page, which cannot end the element that holds it. */
export const jsonElement = (id: string, data: unknown): Html =>
  new Html(
    `<script type="application/json" id="${id}">${JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)}</script>`,
  );
