import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
});

test("a device's ruleset with a hole is violated, and the command fails", async () => {
  const { code, stdout } = await prove("any-account");
  expect(answers(stdout)).toContain("edge-sends-only-what-is-declared: VIOLATED");
  expect(code).toBe(PROVE_EXIT.violated);
});

test("a gateway with accounts of its own is proven by its passwd, and violated without: those numbers are strangers'", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dmz-accounts-"));
  try {
    const [rules, passwd] = [join(folder, "rules.json"), join(folder, "passwd")];
    const moved = { 990: 1990, 992: 1992, 993: 1993 };
    let text = readFileSync(fixture("base"), "utf8");
    for (const [from, to] of Object.entries(moved)) text = text.replace(new RegExp(`\\b${from}\\b`, "g"), String(to));
    writeFileSync(rules, text);
    const run = async (lines: readonly string[]) => {
      writeFileSync(passwd, ["# of the host", "root:x:0:0:root:/root:/bin/sh", ...lines, ""].join("\n"));
      return runDmz(["prove", "riverside", "--ruleset", rules, "--accounts", passwd, "--json"], { cwd: ROOT });
    };
    const [agent, resolver, time] = ["dmz-agent:x:1990:", "systemd-resolve:x:1992:", "systemd-timesync:x:1993:"];
    expect(answers((await run([agent, resolver, time])).stdout)).toEqual(
      rulesetProperties.map(({ id }) => `${id}: PROVEN`),
    );
    const without = await runDmz(["prove", "riverside", "--ruleset", rules, "--json"], { cwd: ROOT });
    expect(answers(without.stdout)).toContain("edge-sends-only-what-is-declared: VIOLATED");
    const other = await run(["dmz-agent:x:1234:", resolver, time]);
    expect(answers(other.stdout)).toContain("edge-sends-only-what-is-declared: VIOLATED");
    for (const [lines, words] of [
      [[agent, resolver], "must have a line for 'systemd-timesync'; copy the host's /etc/passwd"],
      [[agent, resolver, "systemd-timesync"], "line 5 must be '<account>:x:<number>:...'"],
      [[agent, resolver, time, agent], "is the account 'dmz-agent' a second time"],
      [
        [agent, resolver, "systemd-timesync:x:1992:"],
        "must give 'resolver' and 'time' accounts of their own, got 1992",
      ],
      [["dmz-agent:x:0:", resolver, time], "must not give 'agent' the account 0"],
    ] as const) {
      const { code, stdout } = await run(lines);
      expect(stdout).toContain(words);
      expect(code).toBe(PROVE_EXIT.badInput);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);

test("something else in place of a ruleset is bad input", async () => {
  const { code, stdout } = await runDmz(["prove", "--ruleset", join(ROOT, "package.json"), "--json"], { cwd: ROOT });
  expect(code).toBe(PROVE_EXIT.badInput);
  expect(stdout).toContain("must be the output of 'nft -j list ruleset'");
});

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
});
