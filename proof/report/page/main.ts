import { filterFault } from "../../../policy/topic-filter";
import type { AccessData, IdentityData } from "../access-data";
import { BROWSER } from "../browser-ids";
import { visibleText } from "../visible-text";
import { findIdentities, showIdentity, type ShownFilter } from "./find-identities";

/** Rows at a time: a page of ten thousand would be slow to draw, and nobody reads it. */
const ROWS = 25;

const element = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const field = (id: string): HTMLInputElement => element(id);

const data = JSON.parse(element(BROWSER.data).textContent ?? "") as AccessData;
let found: readonly IdentityData[] = [];
let asked = "";
let first = 0;

/** Everything from the data goes into the page as text, never as markup. */
function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

const code = (text: string): HTMLElement => make("code", visibleText(text));

function filterList(filters: readonly ShownFilter[]): HTMLElement {
  const list = make("ul");
  list.className = "plain";
  for (const { filter, witness, asked: marked } of filters) {
    const item = make("li", marked ? make("mark", code(filter)) : code(filter));
    if (witness !== undefined) {
      const example = make("span", "such as ", code(witness));
      example.className = "witness";
      item.append(example);
    }
    list.append(item);
  }
  if (filters.length > 0) return list;
  const nothing = make("span", "nothing");
  nothing.className = "quiet";
  return nothing;
}

function row(identity: IdentityData): HTMLElement {
  const { name, kind, certificate, role, publish, subscribe } = showIdentity(data, identity, asked);
  const head = make("th", code(name));
  head.scope = "row";
  if (!certificate) {
    const note = make("span", "password only");
    note.className = "witness";
    head.append(note);
  }
  return make(
    "tr",
    head,
    make("td", kind),
    make("td", role === undefined ? "no role in the document" : code(role)),
    make("td", filterList(publish)),
    make("td", filterList(subscribe)),
  );
}

function draw(): void {
  const shown = found.slice(first, first + ROWS);
  element(BROWSER.rows).replaceChildren(...shown.map(row));
  const number = (value: number): string => value.toLocaleString("en-US");
  element(BROWSER.status).textContent =
    found.length === 0
      ? "No identity."
      : `${number(first + 1)} to ${number(first + shown.length)} of ${number(found.length)}`;
  element<HTMLButtonElement>(BROWSER.previous).disabled = first === 0;
  element<HTMLButtonElement>(BROWSER.next).disabled = first + ROWS >= found.length;
}

function search(): void {
  const topic = field(BROWSER.topic).value.trim();
  const fault = topic === "" ? undefined : filterFault(topic);
  field(BROWSER.topic).setAttribute("aria-invalid", String(fault !== undefined));
  element(BROWSER.fault).textContent = fault === undefined ? "" : `Not a topic filter: ${fault}`;
  asked = fault === undefined ? topic : "";
  first = 0;
  found = findIdentities(data, {
    name: field(BROWSER.name).value,
    kind: field(BROWSER.kind).value,
    role: field(BROWSER.role).value,
    topic: asked,
  });
  draw();
}

function turn(by: number): void {
  first = Math.max(0, Math.min(first + by, found.length - 1));
  draw();
}

element(BROWSER.form).addEventListener("submit", (event) => event.preventDefault());
element(BROWSER.form).addEventListener("input", search);
element(BROWSER.previous).addEventListener("click", () => turn(-ROWS));
element(BROWSER.next).addEventListener("click", () => turn(ROWS));
search();
