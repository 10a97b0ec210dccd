import fc from "fast-check";

/** Ports that packets are sent with, and their neighbours, so that rules meet packets often. */
export const SOURCE_PORTS = [1000, 1001] as const;
export const TARGET_PORTS = [2000, 2001, 2002] as const;

const MATCHES = [
  "udp dport 2000",
  "udp dport { 2000, 2002 }",
  "udp dport 2001-2002",
  "udp dport != 2001",
  "udp dport != { 2000, 2001 }",
  "udp dport >= 2001",
  "udp dport < 2001",
  "udp sport 1000",
  "th dport 2001",
  "tcp dport 2000-2002",
  "meta l4proto 17",
  "meta l4proto { 6, 17 }",
  "meta l4proto != 17",
  "ip protocol udp",
  "meta nfproto ipv6",
  "meta nfproto ipv4",
  "ip saddr 127.0.0.0/8",
  "ip saddr != 127.0.0.1",
  "ip daddr 10.0.0.0/8",
  "ip6 saddr ::1",
  "ip6 daddr fe80::/10",
  'iifname "lo"',
  'iifname "l*"',
  'iifname != "eth*"',
  'iifname { "eth0", "lo" }',
  'iif "lo"',
  "ct state new",
  "ct state established,related",
  "ct state != established",
  "ct direction original",
  "ip frag-off & 0x1fff == 0",
  "ip frag-off & 0x1fff != 0",
  "udp sport . udp dport { 1000 . 2000, 1001 . 2002 }",
  "udp dport @ports",
  "udp dport != @ports",
  "icmp type 8",
] as const;

const MAPS = [
  "udp dport vmap { 2000 : accept, 2001 : drop }",
  "udp dport vmap { 2000 : jump a, 2001-2002 : goto b }",
  "udp sport vmap { 1000 : continue, 1001 : return }",
  "ct state vmap { established : accept, invalid : drop, new : jump b }",
  "udp dport vmap @verdicts",
] as const;

const rule = (verdicts: readonly string[]) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(fc.uniqueArray(fc.constantFrom(...MATCHES), { maxLength: 2 }), fc.constantFrom(...verdicts))
        .map(([matches, verdict]) => [...matches, verdict].join(" ")),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        ...MAPS.filter((map) => verdicts.includes("jump a") || !/jump|goto|@verdicts/.test(map)),
      ),
    },
  );

const PLAIN = ["accept", "drop", "return", "continue", "counter", "reject"];
const rules = (verdicts: readonly string[], maxLength: number) =>
  fc.array(rule(verdicts), { maxLength }).map((list) => list.map((each) => `    ${each}\n`).join(""));

const base = (name: string) =>
  fc
    .record({
      rules: rules([...PLAIN, "accept", "jump a", "goto a", "jump b", "goto b"], 5),
      priority: fc.integer({ min: -50, max: 50 }),
      policy: fc.constantFrom("accept", "drop"),
      hook: fc.constantFrom("input", "input", "input", "prerouting"),
    })
    .map(
      ({ hook, ...it }) =>
        `  chain ${name} {\n    type filter hook ${hook} priority ${it.priority}; policy ${it.policy};\n${it.rules}  }\n`,
    );

/** A ruleset with two base chains and two others. */
export const randomRuleset = fc
  .record({
    family: fc.constantFrom("inet", "inet", "ip"),
    a: rules([...PLAIN, "jump b", "goto b"], 3),
    b: rules(PLAIN, 3),
    first: base("first"),
    second: base("second"),
  })
  .map(({ family, a, b, first, second }) => {
    const usable = (text: string): string =>
      family === "ip"
        ? text
            .split("\n")
            .filter((line) => !/ip6 |nfproto/.test(line))
            .join("\n")
        : text;
    return `flush ruleset
table ${family} t {
  set ports { type inet_service; flags interval; elements = { 2001-2002 } }
  map verdicts { type inet_service : verdict; elements = { 2000 : drop, 2001 : accept } }
  chain b {\n${usable(b)}  }
  chain a {\n${usable(a)}  }
${usable(first)}${usable(second)}}
`;
  });
