import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { PROVE_EXIT } from "../../../cli/prove/prove-exit";
import { temporaryFolder } from "../../vault/temporary-folder";
import { runDmz } from "../run-dmz";
import { writeSite } from "../site-folder";

// The real command as a child process: 1 and 2 are answers, so no mistake may end with one of them.
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeSite(join(folder.path, "sites"), "plant");
  writeFileSync(join(folder.path, "package.json"), `{ "version": "1.0.0" }`);
});
afterAll(() => folder.remove());

test.each([
  [
    "a site of another folder without its stack, rather than proving nothing and saying nothing",
    ["prove", "plant", "--sites", "sites"],
    /^dmz: site 'plant' is not among the kit's own sites; name its stack with --synth or --plan$/,
  ],
  [
    "a site's name with a slip in it",
    ["prove", "riversde"],
    /^dmz: .*: there is no site 'riversde'; did you mean 'riverside'\?/,
  ],
  [
    "two stacks",
    ["prove", "--plan", "a", "--state", "b"],
    /^dmz: --plan, --synth, --state must name one stack, got a, b$/,
  ],
  [
    "a file that is none",
    ["prove", "--plan", "gone.json"],
    /^dmz: gone\.json must be a file, and there is none: name one/,
  ],
  [
    "a file that is no plan",
    ["prove", "--plan", "package.json"],
    /^dmz: package\.json must be a plan as 'terraform show -json <plan>' prints it/,
  ],
  ["accounts without a ruleset", ["prove", "--accounts", "passwd"], /^dmz: --accounts must come with --ruleset/],
  ["no base to compare with", ["review"], /^error: required option '--base <ref>' not specified$/],
  [
    "a folder for the review's text, before anything is compared",
    ["review", "--base", "HEAD", "--out", "sites"],
    /^dmz: --out: must name a file, and .*sites is a folder; add a file's name to it$/,
  ],
])("%s is refused in words, with the exit code of a bad input", async (_, args, words) => {
  const { code, stdout, stderr } = await runDmz(args, { cwd: folder.path });
  expect(stderr).toMatch(words);
  expect(stdout).toBe("");
  expect(code).toBe(PROVE_EXIT.badInput);
  expect(readdirSync(folder.path).sort()).toEqual(["package.json", "sites"]);
});

test("the last line of JSON names the code that the process ends with", async () => {
  for (const args of [["review"], ["prove", "--plan", "gone.json"]]) {
    const { code, stdout } = await runDmz([...args, "--json"], { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject({ event: "error", exitCode: code });
    expect(code).toBe(PROVE_EXIT.badInput);
  }
});
