import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { html, jsonElement } from "../../../proof/report/html";
import { visibleText } from "../../../proof/report/visible-text";

/** Any text, with what could break out in every other one of its places. */
const hostile = fc
  .array(fc.oneof(fc.string({ unit: "binary", maxLength: 3 }), fc.constantFrom("<", ">", '"', "'", "&", "</", "<!--")))
  .map((parts) => parts.join(""));

test("no text whatever leaves its element or its attribute", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [, attribute, content] = /^<a title="([^"]*)">([^<]*)<\/a>$/s.exec(
        html`<a title="${text}">${text}</a>`.text,
      )!;
      expect(attribute).not.toMatch(/[<>']/);
      expect(content).not.toMatch(/[>"']/);
    }),
  );
});

test("markup that was made by the template is kept, in lists too, and an ampersand is escaped once", () => {
  const items = ["a&b", "<c>"].map((text) => html`<li>${text}</li>`);
  expect(html`<b>${items}${undefined}${3}</b>`.text).toBe("<b><li>a&amp;b</li><li>&lt;c&gt;</li>3</b>");
});

test.each([
  ["an override of direction", "gw\u202E1", "gw[U+202E]1"],
  ["a joiner of no width", "gw\u200D1", "gw[U+200D]1"],
  ["a null", "gw\u00001", "gw[U+0000]1"],
  ["half a pair", "gw\uD8001", "gw[U+D800]1"],
  ["a tag character", "gw\u{E0041}1", "gw[U+E0041]1"],
])("%s is written out, so that a name passes for no other", (_, text, seen) => {
  expect(visibleText(text)).toBe(seen);
});

test("what people write stays as it is", () => {
  const text = "Füllerei 1 – 生产线/温度 + # $SYS";
  expect(visibleText(text)).toBe(text);
});

test("data never ends the element that holds it, and comes back as it was", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const data = { text, more: ["</script><script>alert(1)</script>", "<!--", text] };
      const element = jsonElement("x", data).text;
      const inside = /^<script type="application\/json" id="x">([^<>&]*)<\/script>$/s.exec(element)![1]!;
      expect(JSON.parse(inside)).toEqual(data);
    }),
  );
});
