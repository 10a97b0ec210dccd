import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { monthlyCost } from "../../proof/cost/monthly-cost";
import { readSynth } from "../../proof/facts/read-synth";
import riverside from "../../sites/riverside";
import { SiteStack } from "../../stacks/site-stack";
import { type Document, synthesize } from "./synthesize";

const text = readFileSync(join(__dirname, "../../docs/cost.md"), "utf8");
const readme = readFileSync(join(__dirname, "../../README.md"), "utf8");
/** Resource kinds with their counts, as `docs/cost.md` says: in the table between bars, below it between commas. */
const written = Object.fromEntries(
  [...text.matchAll(/`(aws_\w+)`(?: \|)?\s+(\d+)/g)].map(([, type, count]) => [type, Number(count)]),
);

describe("docs/cost.md", () => {
  test("lists every kind of resource that the sample site creates, with its count", () => {
    const { resource } = JSON.parse(synthesize((app) => new SiteStack(app, "site", riverside))) as Document;
    const counts = Object.fromEntries(
      Object.entries(resource).map(([type, blocks]) => [type, Object.keys(blocks).length]),
    );
    expect(written).toEqual(counts);
  });

  test("adds up", () => {
    const cells = [...text.matchAll(/^\| `aws.* \| (?:[\d.]+ to )?([\d.]+) \|$/gm)].map(([, price]) => Number(price));
    const sum = cells.reduce((total, price) => total + price, 0);
    expect(cells).toHaveLength(14);
    const said = Number(/^\| Sum .* about (\d+) \|$/m.exec(text)?.[1]);
    expect(Math.abs(sum - said)).toBeLessThan(5);
    expect(readme).toContain(`About **${said} USD a month**`);
  });

  test("and the README say what of it the report shows: what stands there, before the first message", () => {
    const { usd } = monthlyCost(readSynth(synthesize((app) => new SiteStack(app, "site", riverside))));
    expect(text).toContain(`about ${Math.round(usd)} are for standing there`);
    expect(readme).toContain(`**${Math.round(usd)}** are for standing there`);
  });
});
