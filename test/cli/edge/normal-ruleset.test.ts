import { expect, test } from "@jest/globals";
import { normalRuleset, type NftRuleset, rulesetDifferences } from "../../../cli/edge/normal-ruleset";
import { openSockets } from "../../../cli/edge/open-sockets";

const rule = (comment: string, packets = 0, handle = 1): NftRuleset["nftables"][number] => ({
  rule: {
    family: "inet",
    table: "dmz",
    chain: "input",
    handle,
    comment,
    expr: [{ counter: { packets, bytes: 0 } }, { drop: null }],
  },
});
const ruleset = (...nftables: NftRuleset["nftables"]): NftRuleset => ({
  nftables: [{ metainfo: { version: "1.0.6" } }, ...nftables],
});

test("what was counted, the kernel's numbers and nft's version make no difference", () => {
  const [one, other] = [ruleset(rule("a", 0, 1)), { nftables: [{ metainfo: { version: "9" } }, rule("a", 7, 12)] }];
  expect(normalRuleset(one)).toEqual(normalRuleset(other));
  expect(rulesetDifferences(one, other)).toEqual({ missing: [], extra: [], reordered: false });
});

test("a rule more, a rule less and another order are differences", () => {
  const expected = ruleset(rule("a"), rule("b"));
  expect(rulesetDifferences(expected, ruleset(rule("a"))).missing).toEqual([expect.stringContaining('"b"')]);
  expect(rulesetDifferences(expected, ruleset(rule("a"), rule("b"), rule("c"))).extra).toEqual([
    expect.stringContaining('"c"'),
  ]);
  expect(rulesetDifferences(expected, ruleset(rule("b"), rule("a"))).reordered).toBe(true);
});

test("what listens on other than loopback is named, with the process", () => {
  const listing = [
    'udp   UNCONN 0      0       127.0.0.53%lo:53        0.0.0.0:*    users:(("systemd-resolve",pid=1,fd=2))',
    "udp   UNCONN 0      0      198.51.100.5%eth0:68     0.0.0.0:*",
    'tcp   LISTEN 0      128           0.0.0.0:22        0.0.0.0:*    users:(("sshd",pid=9,fd=3))',
    "tcp   LISTEN 0      128             [::1]:631          [::]:*",
    "tcp   LISTEN 0      128                 *:68              *:*",
  ].join("\n");
  expect(openSockets(listing)).toEqual([
    { protocol: "tcp", address: "0.0.0.0:22", process: 'users:(("sshd",pid=9,fd=3))' },
    { protocol: "tcp", address: "*:68", process: "" },
  ]);
});
