import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll } from "@jest/globals";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium } from "./find-chromium";

let browser: Browser;
let folder: string;
const open: BrowserContext[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dmz-report-test-"));
  // Chromium's own sandbox refuses root, as whom containers run; the page is ours.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: findChromium(), args });
});

afterEach(async () => {
  for (const context of open.splice(0)) await context.close();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A report in a tab, from a file as a reader opens it, and all that it did wrong. */
export interface OpenReport {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught errors, and whatever was asked for besides the file itself. */
  readonly complaints: readonly string[];
}

export interface OpenOptions {
  readonly scheme?: "light" | "dark";
  readonly width?: number;
  readonly javaScriptEnabled?: boolean;
}

/** Opens a page's text in a new tab of its own, which is closed after the test. */
export async function openReport(
  text: string,
  { scheme = "light", width = 1280, javaScriptEnabled = true }: OpenOptions = {},
): Promise<OpenReport> {
  const file = join(folder, "report.html");
  writeFileSync(file, text);
  const address = pathToFileURL(file).href;
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: 900 },
    javaScriptEnabled,
  });
  open.push(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== address) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(address);
  return { page, complaints };
}

/** Keeps a picture where `REPORT_SCREENSHOTS` names a folder: for whoever wants to look. */
export async function keepPicture(page: Page, name: string): Promise<Buffer> {
  const kept = process.env["REPORT_SCREENSHOTS"];
  if (kept) mkdirSync(kept, { recursive: true });
  return page.screenshot({ fullPage: true, ...(kept && { path: join(kept, `${name}.png`) }) });
}
