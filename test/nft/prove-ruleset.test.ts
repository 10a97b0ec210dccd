import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { PROVE_EXIT } from "../../cli/prove/prove-exit";
import { edgeRuleset } from "../../policy/edge-ruleset";
import riverside from "../../sites/riverside";
import { runDmz } from "../cli/run-dmz";
import { listRuleset } from "../proof/ruleset/list-ruleset";

const RULES = edgeRuleset(riverside);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dmz-ruleset-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Loads the rules into a kernel, and proves what that lists. */
const prove = (rules: string) => {
  const file = join(folder, "ruleset.json");
  writeFileSync(file, JSON.stringify(listRuleset(rules)));
  return runDmz(["prove", "riverside", "--ruleset", file], { cwd: join(__dirname, "../..") });
};

test("the ruleset that a site's devices get is proven, as the kernel lists it", async () => {
  const { code, stdout } = await prove(RULES);
  expect(stdout).not.toMatch(/VIOLATED|UNPROVEN/);
  expect(code).toBe(PROVE_EXIT.proven);
});

test.each([
  [
    "a listener that somebody let in",
    'iif "lo" counter',
    'tcp dport 22 counter accept\n    iif "lo" counter',
    "dport 22",
  ],
  ["DHCPv4's ports over IPv6", "meta nfproto ipv4 udp sport 68", "udp sport 68", "IPv6 udp"],
  ["an agent that reaches any address", " ip daddr @broker4", "", "skuid 990"],
  ["a forwarding device", 'drop comment "a device', 'accept comment "a device', "forward"],
])(
  "with a hole it is violated: %s",
  async (_title, from, to, shows) => {
    expect(RULES.split(from)).toHaveLength(2);
    const { code, stdout } = await prove(RULES.replace(from, to));
    expect(stdout).toContain("VIOLATED");
    expect(stdout).toContain(shows);
    expect(code).toBe(PROVE_EXIT.violated);
  },
  60_000,
);
