import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import riverside from "../sites/riverside";
import { defineSite } from "../policy/define-site";

const readme = readFileSync("README.md", "utf8");
const table = readme.slice(readme.indexOf("| Field |"), readme.indexOf("\n\nAn identity has"));
const rows = new Map([...table.matchAll(/^\| `([\w.]+)` \|.*\| (.+) \|$/gm)].map(([, path, value]) => [path!, value!]));

const leaves = (value: object, above = ""): (readonly [string, unknown])[] =>
  Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    ["aws", "broker"].includes(key) ? leaves(inner as object, `${key}.`) : [[`${above}${key}`, inner] as const],
  );

test("the README's table lists each field of a site and no other", () => {
  const declared = leaves(riverside).flatMap(([path]) => (path === "identities" ? ["edge", "enterprise"] : [path]));
  expect([...rows.keys()].sort()).toEqual(declared.sort());
});

test("the README's table tells the defaults that the code fills in", () => {
  const { name, host, aws, broker } = riverside;
  const { account, region, zones, deployerRole } = aws;
  const bare = defineSite({
    name,
    host,
    aws: { account, region, zones, deployerRole },
    broker: { image: broker.image },
    edge: [],
    enterprise: [],
  });
  const filled = leaves(bare).filter(([path]) => path !== "identities" && rows.get(path) !== "required");
  expect(filled.length).toBeGreaterThan(4);
  for (const [path, value] of filled) expect([path, rows.get(path)]).toEqual([path, `\`${JSON.stringify(value)}\``]);
});

test("every file and command that the README names exists", () => {
  const scripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }).scripts;
  for (const [, script] of readme.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
  for (const [, link] of readme.matchAll(/\]\((?!http)([^)#]+)\)/g))
    expect([link, existsSync(link!)]).toEqual([link, true]);
});
