import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { loadSites } from "../load-sites";

const policy = join(__dirname, "..", "policy");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sites-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
const site = (name: string): string => `
  import { defineSite } from ${JSON.stringify(`${policy}/define-site`)};
  import { NOT_PUSHED } from ${JSON.stringify(`${policy}/not-pushed`)};
  export default defineSite({
    name: "${name}", host: "mqtt.example.com", broker: { image: NOT_PUSHED }, edge: [], enterprise: [],
    aws: {
      account: "123456789012", region: "eu-central-1", zones: ["eu-central-1a", "eu-central-1b"],
      deployerRole: "arn:aws:iam::123456789012:role/deployer",
    },
  });`;

test("the repository's own sites load by name", () => expect([...loadSites().keys()]).toContain("riverside"));

test("every TypeScript file of a folder is a site, in the order of the files' names", () => {
  write("b.ts", site("north"));
  write("a.ts", site("south"));
  write("notes.md", "not a site");
  expect([...loadSites(folder)].map(([name, one]) => [name, one.host])).toEqual([
    ["south", "mqtt.example.com"],
    ["north", "mqtt.example.com"],
  ]);
});

test("a file that declares a faulty site is named together with all its faults", () => {
  write("a.ts", site("Not A Name").replace("mqtt.example.com", "10.0.0.1"));
  expect(() => loadSites(folder)).toThrow(/a\.ts could not be loaded[^]*name: must match[^]*host: must be/);
});

test("a file that throws or cannot be read is named, and what to do", () => {
  write("a.ts", 'throw new Error("boom");');
  expect(() => loadSites(folder)).toThrow(/a\.ts could not be loaded; correct it, or move it out[^]*boom/);
});

test.each([
  ["exports nothing", "export {};"],
  ["exports its site under a name only", site("x").replace("export default", "export const site =")],
  ["exports a declaration that was never validated", "export default { name: 'x', identities: [] };"],
  [
    "exports a changed copy",
    `${site("x").replace("export default", "const valid =")} export default { ...valid, capacity: 1 };`,
  ],
  ["exports null", "export default null;"],
])("a file that %s is refused", (_, text) => {
  write("a.ts", text);
  expect(() => loadSites(folder)).toThrow(/a\.ts must export what defineSite returns as its default/);
});

test("two files with the same site's name are refused, and both are named", () => {
  write("a.ts", site("north"));
  write("b.ts", site("north"));
  expect(() => loadSites(folder)).toThrow(/b\.ts must not be named "north": .*a\.ts is/);
});

test("who wants one site gets it in spite of others' faults, unless two files declare it", () => {
  write("a.ts", site("north"));
  write("b.ts", "export {};");
  expect(loadSites(folder, "north").get("north")?.name).toBe("north");
  expect(() => loadSites(folder, "south")).toThrow(/b\.ts must export/);
  write("c.ts", site("north"));
  expect(() => loadSites(folder, "north")).toThrow(/c\.ts must not be named "north"/);
});

test("all faulty files are named at once", () => {
  write("a.ts", "export {};");
  write("b.ts", "export {};");
  expect(() => loadSites(folder)).toThrow(/a\.ts[^]*b\.ts/);
});
