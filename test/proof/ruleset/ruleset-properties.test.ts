import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { proveProperties } from "../../../proof/prove-properties";
import { readRuleset } from "../../../proof/ruleset/read-ruleset";
import { rulesetProperties } from "../../../proof/ruleset/ruleset-properties";
import { DECLARED, HARMLESS, HOLES } from "./base-ruleset";

const prove = (name: string) => {
  const json: unknown = JSON.parse(readFileSync(join(__dirname, "fixtures", `${name}.json`), "utf8"));
  return proveProperties(rulesetProperties, { ...DECLARED, ruleset: readRuleset(`${name}.json`, json) });
};

test.each(HOLES)(
  "$name is caught, with the packet and the rule",
  ({ name, breaks, shows = [], answer = "VIOLATED" }) => {
    const verdict = prove(name).find(({ id }) => id === breaks)?.verdict;
    expect(verdict?.answer).toBe(answer);
    const text =
      verdict?.answer === "VIOLATED"
        ? verdict.counterexamples
            .map(({ target, path }) => [target, ...path.map(({ at, says }) => `${at}: ${says}`)].join("\n"))
            .join("\n\n")
        : JSON.stringify(verdict);
    for (const part of shows) expect(text).toContain(part);
  },
);

test.each(HARMLESS)("$name changes nothing that matters: all is proven", ({ name }) => {
  expect(prove(name).map(({ id, verdict }) => [id, verdict.answer === "PROVEN" ? "PROVEN" : verdict])).toEqual(
    rulesetProperties.map(({ id }) => [id, "PROVEN"]),
  );
});

test.each([
  [{}, "must be the output of 'nft -j list ruleset'"],
  [{ nftables: [null] }, "must be an object of one kind"],
  [{ nftables: [{ chain: { family: "ipx", table: "a", name: "b" } }] }, "'family' must be one of"],
  [{ nftables: [{ rule: { family: "ip", table: "a", chain: "b", expr: [] } }] }, "which is not there"],
  [{ nftables: [{ chain: { family: "ip", table: "a", name: "b" }, rule: {} }] }, "must be an object of one kind"],
  [
    {
      nftables: [
        { chain: { family: "ip", table: "a", name: "b" } },
        { rule: { family: "ip", table: "a", chain: "b", expr: [{ counter: null, accept: null }] } },
      ],
    },
    "must say one thing each",
  ],
  [
    {
      nftables: [
        { chain: { family: "ip", table: "a", name: "b" } },
        { chain: { family: "ip", table: "a", name: "b" } },
      ],
    },
    "a second time",
  ],
  [{ nftables: [{ element: { family: "ip", table: "a", name: "s", elem: [] } }] }, "which is not there"],
])("what nft did not print is bad input: %j", (json, message) => {
  expect(() => readRuleset("ruleset.json", json)).toThrow(message);
});

test("an empty ruleset lets everything in, and is no proof of anything", () => {
  const ruleset = readRuleset("empty.json", { nftables: [{ metainfo: {} }] });
  expect(proveProperties(rulesetProperties, { ...DECLARED, ruleset }).map(({ verdict }) => verdict.answer)).toEqual([
    "VIOLATED",
    "VIOLATED",
    "VIOLATED",
  ]);
});

test("an object of a kind that is not modelled leaves the answer open", () => {
  const json = JSON.parse(readFileSync(join(__dirname, "fixtures", "base.json"), "utf8")) as { nftables: unknown[] };
  const ruleset = readRuleset("new.json", { nftables: [...json.nftables, { teleporter: { family: "inet" } }] });
  expect(proveProperties(rulesetProperties, { ...DECLARED, ruleset }).map(({ verdict }) => verdict)).toEqual(
    rulesetProperties.map(() => ({
      answer: "UNPROVEN",
      reasons: [{ at: expect.any(String), says: "'teleporter' is not modelled" }],
    })),
  );
});

/** The base ruleset as nft prints it, with something changed in its list. */
const changed = (change: (list: Record<string, Record<string, unknown>>[]) => void) => {
  const json = JSON.parse(readFileSync(join(__dirname, "fixtures", "base.json"), "utf8")) as {
    nftables: Record<string, Record<string, unknown>>[];
  };
  change(json.nftables);
  const ruleset = readRuleset("changed.json", json);
  return proveProperties(rulesetProperties, { ...DECLARED, ruleset }).map(({ verdict }) => verdict.answer);
};
const IN_DMZ = { family: "inet", table: "dmz", handle: 99 };
const DPORT = { payload: { protocol: "tcp", field: "dport" } };

test("a dormant table filters nothing", () => {
  const sleep = (list: Record<string, Record<string, unknown>>[]) => {
    list.find(({ table }) => table !== undefined)!["table"]!["flags"] = ["dormant"];
  };
  expect(changed(sleep)).toEqual(["VIOLATED", "VIOLATED", "VIOLATED"]);
});

test("bytes that are rewritten by their place in the packet may be its port", () => {
  const rewrite = (list: Record<string, Record<string, unknown>>[]) => {
    const pre = { ...IN_DMZ, chain: "pre" };
    list.splice(
      list.findIndex(({ rule }) => rule !== undefined),
      0,
      { chain: { ...IN_DMZ, name: "pre", type: "filter", hook: "prerouting", prio: -150, policy: "drop" } },
      {
        rule: {
          ...pre,
          expr: [
            { match: { op: "==", left: DPORT, right: 9999 } },
            { mangle: { key: { payload: { base: "th", offset: 16, len: 16 } }, value: 22 } },
            { accept: null },
          ],
        },
      },
      {
        rule: { ...IN_DMZ, chain: "input", expr: [{ match: { op: "==", left: DPORT, right: 22 } }, { accept: null }] },
      },
    );
  };
  expect(changed(rewrite)[0]).toBe("VIOLATED");
});

test.each([64, -1, 1.5])("a prefix of %d bits is not understood", (len) => {
  const left = { payload: { protocol: "ip", field: "saddr" } };
  const match = { op: "==", left, right: { prefix: { addr: "10.0.0.0", len } } };
  expect(
    changed((list) =>
      list.splice(
        list.findIndex(({ rule }) => rule?.["chain"] === "input"),
        0,
        { rule: { ...IN_DMZ, chain: "input", expr: [{ match }, { accept: null }] } },
      ),
    )[0],
  ).toBe("UNPROVEN");
});

test("a mask as wide as an address is answered at once", () => {
  const left = { "&": [{ payload: { protocol: "ip6", field: "saddr" } }, { prefix: { addr: "::", len: 0 } }] };
  const expr = [{ match: { op: "==", left, right: "::1" } }, { accept: null }];
  const answers = changed((list) =>
    list.splice(
      list.findIndex(({ rule }) => rule?.["chain"] === "input"),
      0,
      { rule: { ...IN_DMZ, chain: "input", expr } },
    ),
  );
  expect(answers[0]).toBe("UNPROVEN");
});
