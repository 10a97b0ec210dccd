import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { tenThousandDevices } from "../sites/ten-thousand";
import { keepPicture, openReport } from "./open-report";
import { broken, fourGateways, fourThousandGateways, reportOf } from "./sample-reports";

const AXE = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");

const reports: readonly (readonly [name: string, text: string])[] = [
  ["four gateways", fourGateways()],
  ["four thousand gateways", fourThousandGateways()],
  ["a broken site", broken()],
];
const [[, small], [, large], [, violated]] = reports as [[string, string], [string, string], [string, string]];

/** What axe-core finds against WCAG 2.2, level AA, contrast included. */
async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate(
    `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] })`,
  )) as AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

const rows = (page: Page) => page.locator("#access-rows tr");
const status = (page: Page) => page.locator("#access-status").innerText();

for (const [name, text] of reports)
  for (const scheme of ["light", "dark"] as const)
    test(`${name}, ${scheme}: no complaint, nothing asked of a network, no barrier, nothing wider than the window`, async () => {
      const opened = await openReport(text, { scheme });
      const { page, complaints } = opened;
      expect(await rows(page).count()).toBeGreaterThan(0);
      await keepPicture(page, `${name}-${scheme}`);
      expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
      expect(await barriers(page)).toEqual([]);
      expect(complaints).toEqual([]);
      const dark = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      expect(dark).toBe(scheme === "dark" ? "rgb(17, 22, 29)" : "rgb(245, 246, 248)");
    });

test("on a telephone the page is as wide as the window, and what is wider scrolls by itself", async () => {
  const opened = await openReport(large, { width: 380 });
  const { page, complaints } = opened;
  await keepPicture(page, "telephone");
  expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
  expect(await barriers(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test("a page that would fetch, or a script that is not the report's, is stopped by the policy and noticed here", async () => {
  const opened = await openReport(
    small.replace(
      "</main>",
      `<img src="https://198.51.100.1/x.png" alt=""><script>document.title = "taken"</script></main>`,
    ),
  );
  const { page, complaints } = opened;
  expect(await page.title()).toBe("Security posture of riverside");
  expect(complaints.filter((complaint) => complaint.includes("Content Security Policy")).length).toBeGreaterThan(1);
});

test("a text too pale to read and a picture without words are barriers that this suite notices", async () => {
  const { page } = await openReport(small);
  await page.evaluate(`document.querySelector(".lead").style.color = "#bbbbbb"`);
  await page.evaluate(`document.querySelector("svg").removeAttribute("aria-labelledby")`);
  await page.evaluate(`document.querySelectorAll("svg > title, svg > desc").forEach((each) => each.remove())`);
  const found = await barriers(page);
  for (const rule of ["color-contrast", "svg-img-alt"]) expect(found.join("\n")).toContain(rule);
});

test("every text of the drawing lies within it, and no two texts cover each other", async () => {
  for (const [name, text] of reports) {
    const opened = await openReport(text);
    const found = (await opened.page.evaluate(`(() => {
      const svg = document.querySelector("svg"), outer = svg.getBoundingClientRect();
      const boxes = [...svg.querySelectorAll("text")].filter((t) => t.textContent.trim()).map((t) => [t.textContent.trim(), t.getBoundingClientRect()]);
      const out = boxes.filter(([, b]) => b.left < outer.left - 1 || b.right > outer.right + 1 || b.top < outer.top - 1 || b.bottom > outer.bottom + 1).map(([t]) => t + " is outside");
      for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
        const [[s, a], [t, b]] = [boxes[i], boxes[j]];
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4) out.push(s + " covers " + t);
      }
      return out;
    })()`)) as string[];
    expect([name, found]).toEqual([name, []]);
  }
});

test("a violated promise is told first, with the way that an attacker takes, and drawn", async () => {
  const opened = await openReport(violated);
  const { page } = opened;
  expect(await page.locator(".verdict.violated .headline").innerText()).toContain("broken");
  expect(await page.locator("#P1 ~ .state, .promise-head:has(#P1) .state").innerText()).toContain("VIOLATED");
  expect(await page.locator(".counterexamples > li").count()).toBeGreaterThan(2);
  expect(await page.locator(".hops li").first().innerText()).toContain("aws_");
  expect(await page.locator(".arrow.undeclared").count()).toBeGreaterThan(1);
});

test("identities are found by name, by kind and by topic, and a filter that is none is said to be none", async () => {
  const opened = await openReport(small);
  const { page, complaints } = opened;
  expect(await status(page)).toBe("1 to 7 of 7");
  await page.getByLabel("Identity", { exact: true }).fill("GW-0001");
  expect(await rows(page).locator("th").allInnerTexts()).toEqual(["gw-0001"]);
  await page.getByLabel("Identity", { exact: true }).fill("");
  await page.getByRole("combobox", { name: /^Kind/ }).selectOption("n");
  expect(await rows(page).locator("th").allInnerTexts()).toEqual(["historian", "operator", "scada"]);
  await page.getByRole("combobox", { name: /^Kind/ }).selectOption("");
  await page.getByLabel("Who may use this topic").fill("spBv1.0/line2/NDATA/gw-0001");
  expect(await rows(page).locator("th").allInnerTexts()).toEqual(["gw-0001", "operator", "scada"]);
  expect(await page.locator("#access-rows mark").allInnerTexts()).toEqual([
    "spBv1.0/line2/NDATA/gw-0001",
    "#",
    "spBv1.0/line2/#",
  ]);
  await page.getByLabel("Who may use this topic").fill("a/#/b");
  expect(await page.locator("#access-fault").innerText()).toContain("[MQTT-4.7.1-2]");
  await page.getByLabel("Who may use this topic").fill("nowhere/at/all");
  await page.getByLabel("Identity", { exact: true }).fill("gw");
  expect(await status(page)).toBe("No identity.");
  expect(await barriers(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test("ten thousand identities are searched within a quarter of a second, and paged through by the keyboard alone", async () => {
  const opened = await openReport(reportOf(tenThousandDevices()));
  const { page } = opened;
  expect(await status(page)).toBe("1 to 25 of 10,000");
  for (const [field, question, count] of [
    ["access-name", "0099", "1 to 11 of 11"],
    // 499 gateways of the line, its host, the historian, seven operators and its board.
    ["access-topic", "spBv1.0/line1/#", "1 to 25 of 509"],
    ["access-topic", "#", "1 to 25 of 10,000"],
  ] as const) {
    const times = (await page.evaluate(`(() => {
      const field = document.getElementById("${field}");
      return [1, 2, 3, 4, 5].map(() => {
        field.value = "${question}";
        const start = performance.now();
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        document.body.getBoundingClientRect();
        return performance.now() - start;
      });
    })()`)) as number[];
    expect([question, await status(page)]).toEqual([question, count]);
    // What the page takes, and not for how long others had the processor meanwhile.
    expect(Math.min(...times)).toBeLessThan(250);
    await page.evaluate(`document.getElementById("${field}").value = ""`);
  }
  await page.locator("#access-topic").fill("");
  await page.locator("#access-topic").focus();
  for (const key of ["Tab", "Enter", "Enter"]) await page.keyboard.press(key);
  expect(await status(page)).toBe("51 to 75 of 10,000");
  await page.locator("#access-previous").focus();
  await page.keyboard.press("Space");
  expect(await status(page)).toBe("26 to 50 of 10,000");
  await keepPicture(page, "ten thousand");
});

test("the first stop of the keyboard leads past the head of the page", async () => {
  const opened = await openReport(small);
  const { page } = opened;
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
  await page.keyboard.press("Enter");
  expect(await page.evaluate("document.activeElement.id")).toBe("main");
});

test("without scripts the roles, the promises and the drawing are all there", async () => {
  const opened = await openReport(small, { javaScriptEnabled: false });
  const { page } = opened;
  expect(await page.getByRole("region", { name: "Roles" }).locator("tbody tr").count()).toBeGreaterThan(3);
  expect(await page.getByText("which this browser did not run").isVisible()).toBe(true);
});

test("on paper there is no search form, the drawing fits, and colours are those of light", async () => {
  const opened = await openReport(small, { scheme: "dark" });
  const { page } = opened;
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 700, height: 990 });
  await keepPicture(page, "paper");
  expect(await page.locator("#access-form").isVisible()).toBe(false);
  expect(await page.getByText("can be searched in the file itself").isVisible()).toBe(true);
  expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(0, 0, 0)");
  const width = await page.evaluate("document.querySelector('svg').getBoundingClientRect().right");
  expect(width).toBeLessThanOrEqual(700);
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
});
