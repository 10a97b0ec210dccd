import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { fit } from "../../../proof/report/drawing-parts";
import { siteDrawing } from "../../../proof/report/site-drawing";
import { visibleText } from "../../../proof/report/visible-text";
import { tenThousandDevices } from "../../sites/ten-thousand";
import { accessOf, sampleInput } from "./sample-input";

const heightOf = (drawing: string): number => Number(/viewBox="0 0 1200 (\d+)"/.exec(drawing)![1]);
const texts = (drawing: string): readonly string[] =>
  [...drawing.matchAll(/<text[^>]*>([^<]*)<\/text/g)].map(([, text]) => text!.trim());

test("a small site shows each identity by name and each conduit with its ports", () => {
  const drawing = siteDrawing(sampleInput()).text;
  for (const text of [
    "gw-line1-capper, gw-line1-filler",
    "line2",
    "scada",
    "tcp 8883",
    "tcp 443",
    "tcp 2049",
    "relay 8883, 443",
  ])
    expect(texts(drawing)).toContain(text);
  expect(drawing).not.toContain('class="arrow undeclared"');
});

test("ten thousand identities are no taller than a page, and every one is counted", () => {
  const drawing = siteDrawing(sampleInput({ access: accessOf(tenThousandDevices()) })).text;
  expect(heightOf(drawing)).toBeLessThan(1000);
  expect(drawing.length).toBeLessThan(60_000);
  expect(texts(drawing)).toContain("9,980 identities");
  const chips = [...drawing.matchAll(/class="chip-count"[^>]*>\s*([\d,]+)/g)].map(([, count]) =>
    Number(count!.replace(",", "")),
  );
  expect(chips.reduce((sum, count) => sum + count, 0)).toBe(10_000);
});

test("what the network permits beyond the declared is drawn, with its ports", () => {
  const found = [
    ...sampleInput().found!,
    { from: "internet", to: "tasks", ports: ["tcp 22"] },
    { from: "tasks", to: "internet", ports: ["every protocol"] },
    { from: "other", to: "store", ports: ["tcp 2049"] },
  ];
  const drawing = siteDrawing(sampleInput({ found })).text;
  expect(drawing.match(/class="arrow undeclared"/g)).toHaveLength(3);
  expect(texts(drawing)).toEqual(expect.arrayContaining(["tcp 22", "every protocol", "other interfaces"]));
  expect(drawing).not.toContain("NaN");
});

test("a text that is made to fit is never longer than what fits", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 10, max: 400 }), (text, width) => {
      const fitted = [...fit(text, width, 12)];
      expect(fitted.length).toBeLessThanOrEqual(Math.max(1, width / (12 * 0.56)));
      if (!fitted.includes("…")) expect(fitted.join("")).toBe(visibleText(text));
    }),
  );
});
