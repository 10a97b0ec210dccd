import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { PROMISES } from "../../../proof/report/promises";
import { renderReport } from "../../../proof/report/render-report";
import type { ReportInput } from "../../../proof/report/report-input";
import { proof, proven, sampleInput, unproven, violated } from "./sample-input";

const SCRIPT = "document.title";
const render = (changes: Partial<ReportInput> = {}): string => renderReport(sampleInput(changes), SCRIPT);

/** Element names in order: what markup is there, whatever the texts say. */
const tags = (page: string): readonly string[] => [...page.matchAll(/<\/?([a-z!][a-z0-9-]*)/gi)].map(([tag]) => tag);

const dress = (text: (plain: string) => string): Partial<ReportInput> => {
  const { site, source, access } = sampleInput();
  const step = { at: text("a resource"), says: text("says something") };
  return {
    site: { ...site, name: text("site"), host: text("host"), aws: { ...site.aws, region: text("region") } },
    source: { ...source, name: text("file"), unread: [step] },
    access: {
      deployed: true,
      identities: access.identities.map((identity) => ({
        ...identity,
        name: text(identity.name),
        roleId: text(identity.roleId),
        role: { ...identity.role!, publish: [text("a/{id}")], subscribe: [text("b/#")] },
      })),
    },
    conduits: [{ from: "internet", to: "load-balancer", ports: [443], why: text("because") }],
    found: [{ from: text("nowhere"), to: "tasks", ports: [text("tcp 1")] }],
    proofs: [
      proof(text("one"), ["P1"], { answer: "PROVEN", checked: 1, says: text("all") }, [text("SR 9.9")]),
      proof(text("two"), ["P1"], { answer: "UNPROVEN", reasons: [step] }),
      proof(text("three"), ["P2"], {
        answer: "VIOLATED",
        counterexamples: [{ source: text("who"), target: text("what"), path: [step] }],
      }),
    ],
    cost: { usd: 1, byType: new Map([[text("kind"), 1]]), unpriced: [text("thing")] },
    certificates: [{ name: text("gw"), file: text("gw/cert.pem"), state: { unknown: text("why") } }],
  };
};

test("names made to break out change no element of the page", () => {
  const attacks = [
    "<script>alert(1)</script>",
    "</script></style></title></svg><img src=x onerror=alert(1)>",
    `"onmouseover="alert(1)`,
    "'><iframe src=//evil.example>",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "\u202E\u0000",
  ];
  const plain = tags(render(dress((text) => text)));
  for (const attack of attacks) expect(tags(render(dress((text) => `${text}${attack}`)))).toEqual(plain);
});

test("the policy admits this style sheet and this script by their hashes, and no connection", () => {
  const page = render();
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page)![1]!;
  expect(policy).toMatch(/^default-src 'none';/);
  for (const [kind, name] of [
    ["style", "style"],
    ["script", "script"],
  ] as const) {
    const text = new RegExp(`<${name}>([^]*?)</${name}>`).exec(page)![1]!;
    expect(policy).toContain(`${kind}-src 'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  }
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test("a script that would end its own element is refused", () => {
  expect(() => renderReport(sampleInput(), `"</SCRIPT>"`)).toThrow(`must not hold "</script"`);
});

test("the page names no other file and no address", () => {
  const page = render({ proofs: [proof("a", ["P1"], violated), proof("b", ["P5"], unproven)] });
  expect(page).not.toMatch(/https?:\/\/|\bsrc=|@import|url\((?!#)/);
  for (const [, target] of page.matchAll(/href="([^"]*)"/g)) {
    expect(target).toMatch(/^#/);
    expect(page).toContain(`id="${target!.slice(1)}"`);
  }
});

test("no id is there twice", () => {
  const ids = [...render({ proofs: [proof("a", ["P1", "P5", "P9"], proven)] }).matchAll(/ id="([^"]*)"/g)].map(
    ([, id]) => id,
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test("a report of no check claims nothing anywhere", () => {
  const page = render({ proofs: [] });
  expect(page).not.toMatch(/class="state (proven|proven-in-part)"|class="verdict proven"/);
  expect(page).toContain("No check ran. This report claims nothing.");
  for (const { id } of PROMISES.filter((promise) => promise.id !== "P6"))
    expect(page).toMatch(
      new RegExp(`aria-labelledby="${id}">[^]*?No check ran for this promise, so this report claims nothing`),
    );
});

test("a violation is the headline, and every hop of it is shown with what permits it", () => {
  const page = render({ proofs: [proof("good", ["P1"], proven), proof("bad", ["P1"], violated)] });
  expect(page).toContain("At least one promise is broken");
  for (const text of ["the internet: 0.0.0.0/0", "aws_lb.front: tcp 22", "aws_security_group.front", "lets in tcp 22"])
    expect(page).toContain(text);
});

test("what was not understood is shown with its reason, and is no proof", () => {
  const page = render({ proofs: [proof("doubt", ["P1"], unproven)] });
  expect(page).toContain("aws_lb.x");
  expect(page).not.toContain('class="verdict proven"');
});

test("certificates that were not given are said to be not given; those that end are told apart", () => {
  expect(render().replace(/\s+/g, " ")).toContain("this report claims nothing about certificates");
  const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
  const state = (from: string, until: string) => ({
    from: day(from),
    until: day(until),
    subject: "s",
    issuer: "site CA",
  });
  const page = render({
    certificates: [
      { name: "old", file: "old/cert.pem", state: state("2025-01-01", "2026-11-01") },
      { name: "soon", file: "soon/cert.pem", state: state("2025-01-01", "2026-12-01") },
      { name: "fresh", file: "fresh/cert.pem", state: state("2026-01-01", "2028-01-01") },
      { name: "early", file: "early/cert.pem", state: state("2027-01-01", "2029-01-01") },
      { name: "none", file: "none/cert.pem", state: { unknown: "no bundle in the folder" } },
    ],
  });
  const rows = new Map(
    [...page.matchAll(/<th scope="row">(old|soon|fresh|early|none)<\/th>([^]*?)<\/tr>/g)].map(([, name, row]) => [
      name,
      row!,
    ]),
  );
  expect([...rows.keys()]).toEqual(["old", "soon", "fresh", "early", "none"]);
  expect(rows.get("old")).toContain("expired");
  expect(rows.get("soon")).toContain("ends soon");
  expect(rows.get("fresh")).toContain("valid");
  expect(rows.get("early")).toContain("not yet valid");
  expect(rows.get("none")).toContain("no bundle in the folder");
  expect(page.replace(/\s+/g, " ")).toContain(
    "4 certificates read: 1 valid, 1 ending within 30 days, 1 expired, 1 not yet valid; 1 entry without one.",
  );
});
