import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { PROVE_EXIT } from "../../../cli/prove/prove-exit";
import { rulesetProperties } from "../../../proof/ruleset/ruleset-properties";
import riverside from "../../../sites/riverside";
import { synthesizeSite } from "../../proof/synthesize-site";
import { runDmz } from "../run-dmz";

const ROOT = join(__dirname, "../../..");
const fixture = (name: string): string => join(ROOT, "test/proof/ruleset/fixtures", `${name}.json`);
const prove = (name: string) => runDmz(["prove", "riverside", "--ruleset", fixture(name), "--json"], { cwd: ROOT });
const answers = (stdout: string): readonly string[] =>
  stdout
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; id?: string; verdict?: { answer: string } })
    .filter(({ event }) => event === "proof")
    .map(({ id, verdict }) => `${id}: ${verdict!.answer}`);

test("a device's sound ruleset is proven with one command", async () => {
  const { code, stdout } = await prove("base");
  expect(answers(stdout)).toEqual(rulesetProperties.map(({ id }) => `${id}: PROVEN`));
  expect(code).toBe(PROVE_EXIT.proven);
}, 30_000);

test("a device's ruleset with a hole is violated, and the command fails", async () => {
  const { code, stdout } = await prove("any-account");
  expect(answers(stdout)).toContain("edge-sends-only-what-is-declared: VIOLATED");
  expect(code).toBe(PROVE_EXIT.violated);
}, 30_000);

test("something else in place of a ruleset is bad input", async () => {
  const { code, stdout } = await runDmz(["prove", "--ruleset", join(ROOT, "package.json"), "--json"], { cwd: ROOT });
  expect(code).toBe(PROVE_EXIT.badInput);
  expect(stdout).toContain("must be the output of 'nft -j list ruleset'");
}, 30_000);

test("a report says whether promise P2 holds once it is handed a device's ruleset", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dmz-report-"));
  try {
    const stack = join(folder, "cdk.tf.json");
    writeFileSync(stack, synthesizeSite(riverside));
    const state = async (...more: readonly string[]): Promise<string | undefined> => {
      const args = ["report", "riverside", "--synth", stack, "--out", join(folder, "posture.html"), "--json", ...more];
      const { stdout } = await runDmz(args, { cwd: ROOT });
      return (JSON.parse(stdout) as { promises: Readonly<Record<string, string>> }).promises["P2"];
    };
    expect(await state()).toBe("NOT CHECKED");
    expect(await state("--ruleset", fixture("base"))).toBe("PROVEN");
    expect(await state("--ruleset", fixture("any-account"))).toBe("VIOLATED");
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
