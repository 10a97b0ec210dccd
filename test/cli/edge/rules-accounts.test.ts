import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { join } from "node:path";
import { temporaryFolder } from "../../vault/temporary-folder";
import { runDmz } from "../run-dmz";
import { writeSite } from "../site-folder";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeSite(join(folder.path, "sites"), "plant");
});
afterAll(() => folder.remove());

const rules = (...args: readonly string[]) =>
  runDmz(["image", "edge", "rules", "--sites", "sites", ...args], { cwd: folder.path });

test.each([
  [
    "one account for agent and resolver",
    ["--agent", "1990", "--resolver", "1990"],
    /'agent' and 'resolver' .* got 1990/,
  ],
  ["the agent on the number that the time service has by default", ["--agent", "993"], /'agent' and 'time' .* got 993/],
  ["root as the agent", ["--agent", "0"], /must not give 'agent' the account 0: root may do all/],
  [
    "a name for a number",
    ["--time", "ntp"],
    /--time: must be an account number, got 'ntp'; 'id -u <account>' tells it/,
  ],
])("no firewall is printed with %s", async (_, args, words) => {
  const { code, stdout, stderr } = await rules(...args);
  expect(stderr).toMatch(words);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test("a host's own accounts are the rules' senders", async () => {
  const { code, stdout } = await rules("--agent", "1990", "--resolver", "1992", "--time", "1993", "--network", "0");
  expect(code).toBe(0);
  for (const sender of ["1990 ip daddr", "1992 meta l4proto", "1993 udp dport 123", "0 meta nfproto ipv4 udp sport 68"])
    expect(stdout).toContain(`meta skuid ${sender}`);
});
