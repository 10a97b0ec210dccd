import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PORTS } from "../../policy/deployment";
import { EDGE_ACCOUNTS } from "../../policy/edge-accounts";
import { edgeRuleset } from "../../policy/edge-ruleset";
import riverside from "../../sites/riverside";

const ruleset = edgeRuleset(riverside);

/** The rules of one chain, one a line. */
const chain = (name: string): string[] => {
  const [, body] = new RegExp(`chain ${name} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n  \\}`).exec(ruleset) ?? [];
  return body!
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
};

describe("the firewall of an edge device", () => {
  test.each(["input", "forward", "output"])("drops on %s what no rule names, in every family that it sees", (hook) => {
    expect(chain(hook)[0]).toBe(`type filter hook ${hook} priority filter; policy drop;`);
  });

  test("counts every rule, and says which standard each exception for incoming packets comes from", () => {
    for (const rule of ["input", "forward", "output"].flatMap((name) => chain(name).slice(1))) {
      expect(rule).toMatch(/ counter |^counter /);
    }
    const accepted = chain("input").filter((rule) => / accept /.test(rule));
    expect(accepted).toHaveLength(6);
    for (const rule of accepted) expect(rule).toMatch(/comment ".*RFC \d+.*"$/);
  });

  test("accepts no incoming packet by a port but an answer of DHCPv6 on the link", () => {
    const byPort = chain("input").filter((rule) => /\b[sd]port\b/.test(rule));
    expect(byPort).toHaveLength(1);
    expect(byPort[0]).toContain("ip6 saddr fe80::/10 ip6 daddr fe80::/10 udp sport 547 udp dport 546");
  });

  test("forwards nothing", () => {
    expect(chain("forward").some((rule) => rule.includes("accept"))).toBe(false);
  });

  test("lets out each account to what it needs: every accept but loopback, replies and link speech names one", () => {
    const open = chain("output").filter((rule) => / accept /.test(rule) && !/^(oif "lo"|ct state|icmpv6)/.test(rule));
    for (const rule of open) expect(rule).toMatch(/^meta skuid \d+ /);
    const agent = open.filter((rule) => rule.startsWith(`meta skuid ${EDGE_ACCOUNTS.agent} `));
    expect(agent).toHaveLength(2);
    for (const rule of agent) {
      expect(rule).toContain(`tcp dport { ${PORTS.https}, ${PORTS.mqtt} }`);
      expect(rule).toMatch(/ip6? daddr @broker[46]/);
    }
  });

  test("lets the network account renew a DHCPv4 lease over IPv4 alone", () => {
    const [renewal] = chain("output").filter((rule) => rule.includes("dport 67"));
    expect(renewal).toContain(`meta skuid ${EDGE_ACCOUNTS.network} meta nfproto ipv4 udp sport 68 udp dport 67 `);
  });

  test("names the accounts by the numbers that the image gives them", () => {
    const path = join(__dirname, "../../edge-image/rootfs/usr/lib/sysusers.d/dmz.conf");
    const numbers = [...readFileSync(path, "utf8").matchAll(/^u (\S+) (\d+)/gm)].map(([, name, id]) => [
      name,
      Number(id),
    ]);
    expect(Object.fromEntries(numbers)).toEqual({
      "dmz-agent": EDGE_ACCOUNTS.agent,
      "systemd-resolve": EDGE_ACCOUNTS.resolver,
      "systemd-timesync": EDGE_ACCOUNTS.time,
      "systemd-network": EDGE_ACCOUNTS.network,
    });
  });

  test("takes other numbers on a host that has accounts of its own", () => {
    const host = edgeRuleset(riverside, { agent: 4001, resolver: 4002, time: 4003, network: 4004 });
    expect(host).toContain("meta skuid 4001 ip daddr @broker4");
    for (const own of Object.values(EDGE_ACCOUNTS)) expect(host).not.toContain(`skuid ${own} `);
  });

  test("is the same for the same site, and begins by replacing all there was", () => {
    expect(edgeRuleset(riverside)).toBe(ruleset);
    expect(ruleset.indexOf("flush ruleset")).toBeLessThan(ruleset.indexOf("table "));
  });
});
