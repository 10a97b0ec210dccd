import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fault } from "../../policy/fault";
import { renderFilter } from "../../policy/render-filter";
import type { Role } from "../../policy/role";
import { raw } from "../../policy/roles/raw";
import { sparkplugEdgeNode } from "../../policy/roles/sparkplug-edge-node";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { intersects, matches } from "../../policy/topic-filter";
import { faultsOf, valid } from "./declaration";

interface Filters {
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
  readonly sharedReads?: readonly string[];
}

const hand = (filters: Filters, name = "hand-made"): Role => raw({ name, publish: [], subscribe: [], ...filters });
const shared = (...filters: readonly string[]): Filters => ({ subscribe: filters, sharedReads: filters });
const onEdge = (identities: Readonly<Record<string, Role>>): readonly Fault[] =>
  faultsOf({ ...valid, edge: Object.entries(identities).map(([name, role]) => ({ name, role })) });
const gateway = { gw1: sparkplugEdgeNode({ group: "line1" }) };

describe("beside a Sparkplug gateway, an edge identity is refused that", () => {
  test.each<readonly [string, string, Filters, string, RegExp]>([
    ["reads its group", "line1", { subscribe: ["spBv1.0/{id}/#"] }, "spBv1.0/line1/NBIRTH/gw1", /read that .* write$/],
    ["reads all of Sparkplug", "spBv1.0", { subscribe: ["{id}/#"] }, "spBv1.0/line1/NBIRTH/gw1", /read that .* write$/],
    [
      "commands every gateway",
      "spBv1.0",
      { publish: ["{id}/line1/NCMD/+"] },
      "spBv1.0/line1/NCMD/gw1",
      /write that .* read$/,
    ],
    [
      "commands its device",
      "a",
      { publish: ["spBv1.0/line1/DCMD/gw1/{id}"] },
      "spBv1.0/line1/DCMD/gw1/a",
      /write that .* read$/,
    ],
    [
      "reads its device",
      "a",
      { subscribe: ["spBv1.0/line1/DDATA/gw1/{id}"] },
      "spBv1.0/line1/DDATA/gw1/a",
      /read that .* write$/,
    ],
    [
      "reads its commands",
      "NCMD",
      { subscribe: ["spBv1.0/line1/{id}/gw1"] },
      "spBv1.0/line1/NCMD/gw1",
      /read that .* read, too$/,
    ],
    ["reads every gateway's commands alike", "a", shared("spBv1.0/line1/NCMD/+"), "spBv1.0/line1/NCMD/gw1", /reads/],
    ["reads this one's commands alike", "a", shared("spBv1.0/line1/NCMD/gw1"), "spBv1.0/line1/NCMD/gw1", /reads/],
    ["reads everything alike", "a", shared("#"), "spBv1.0/line1/NBIRTH/gw1", /writes/],
  ])("%s", (_, name, filters, witness, rule) => {
    for (const edge of [
      { ...gateway, [name]: hand(filters) },
      { [name]: hand(filters), ...gateway },
    ]) {
      const at = Object.keys(edge).indexOf(name);
      const [fault, ...others] = onEdge(edge);
      // Whoever reads all of Sparkplug reads what is shared, too.
      expect(others.every(({ path }) => path.endsWith(".sharedReads"))).toBe(true);
      expect(fault).toMatchObject({ value: witness, rule: expect.stringMatching(rule) });
      expect(fault?.path).toBe(filters.sharedReads ? `edge[${at}].role.sharedReads` : `edge[${at}].role`);
      if (!filters.sharedReads) expect(fault?.rule).toContain(`edge[${1 - at}] "gw1"`);
    }
  });
});

describe("edge identities may", () => {
  test.each<readonly [string, Readonly<Record<string, Role>>]>([
    [
      "be gateways of one group and of several",
      { ...gateway, gw2: gateway.gw1, line1: sparkplugEdgeNode({ group: "b" }) },
    ],
    ["be devices of one area", { a: telemetryDevice({ area: "x" }), b: telemetryDevice({ area: "x" }), ...gateway }],
    ["read their own data back", { a: hand({ publish: ["d/{id}/#"], subscribe: ["d/{id}/#"] }), ...gateway }],
    [
      "share a topic for all beside their own",
      { all: gateway.gw1, a: hand({ publish: ["d/{id}"], ...shared("cmd/all") }) },
    ],
    [
      "share a topic that would be somebody's of another name",
      {
        a: hand({ subscribe: ["cmd/{id}", "cmd/all"], sharedReads: ["cmd/all"] }),
        b: hand({ publish: ["cmd/b/{id}"] }, "b"),
      },
    ],
    ["share the same read", { a: hand(shared("notices/#")), b: hand(shared("notices/+"), "b"), ...gateway }],
  ])("%s", (_, identities) => expect(onEdge(identities)).toEqual([]));
});

test("a topic for all is refused once somebody has its name", () => {
  const role = hand({ subscribe: ["cmd/{id}", "cmd/all"], sharedReads: ["cmd/all"] });
  expect(onEdge({ a: role, all: role })).toEqual([
    expect.objectContaining({ path: "edge[0].role.sharedReads", value: "cmd/all" }),
  ]);
});

test("an enterprise client reads and commands them all the same", () => {
  const host = hand({ publish: ["spBv1.0/line1/NCMD/+"], subscribe: ["spBv1.0/#"] });
  const edge = [{ name: "gw1", role: gateway.gw1 }];
  expect(faultsOf({ ...valid, edge, enterprise: [{ name: "scada", role: host }] })).toEqual([]);
});

test("separation is judged as pairwise comparison would judge it", () => {
  const names = ["x", "y", "z"];
  const level = fc.constantFrom("a", "x", "y", "z", "");
  const after = fc.array(fc.constantFrom("a", "x", "y", "+"), { maxLength: 2 });
  const rest = fc.constantFrom([], ["#"]);
  const own = fc
    .tuple(fc.array(level, { maxLength: 2 }), after, rest)
    .map(([before, behind, end]) => [...before, "{id}", ...behind, ...end].join("/"));
  const alike = fc
    .tuple(fc.constantFrom("a", "x", "y", "+"), after, rest)
    .map(([first, behind, end]) => [first, ...behind, ...end].join("/"));
  const filters = fc.record({
    publish: fc.array(own, { maxLength: 2 }),
    subscribe: fc.array(own, { maxLength: 2 }),
    sharedReads: fc.array(alike, { maxLength: 1 }),
  });
  const meet = (some: readonly string[], others: readonly string[]): boolean =>
    some.some((one) => others.some((other) => intersects(one, other) !== undefined));
  const seen = { own: 0, shared: 0, none: 0 };
  fc.assert(
    fc.property(fc.array(filters, { minLength: 2, maxLength: 3 }), (lists) => {
      const roles = lists.map(({ publish, subscribe, sharedReads }, index) =>
        hand({ publish, subscribe: [...subscribe, ...sharedReads], sharedReads }, `role${index}`),
      );
      const faults = onEdge(Object.fromEntries(roles.map((role, index) => [names[index]!, role])));
      const owned = lists.map(({ publish, subscribe }, index) =>
        [...publish, ...subscribe].map((filter) => renderFilter(filter, names[index]!)),
      );
      const clashes = owned.flatMap((mine, i) => owned.slice(i + 1).filter((theirs) => meet(mine, theirs)));
      const reads = new Set(lists.flatMap(({ sharedReads }) => sharedReads));
      const leaks = [...reads].filter((read) => meet([read], owned.flat()));
      const onShared = faults.filter(({ path }) => path.endsWith("sharedReads"));
      expect(faults.length - onShared.length).toBe(clashes.length);
      expect(onShared).toHaveLength(leaks.length);
      for (const fault of faults) {
        const holders = owned.filter((list) => list.some((one) => matches(one, String(fault.value))));
        expect(holders.length).toBeGreaterThan(onShared.includes(fault) ? 0 : 1);
      }
      seen[clashes.length > 0 ? "own" : leaks.length > 0 ? "shared" : "none"]++;
    }),
    { numRuns: 2_000 },
  );
  // The generator reaches each answer.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50);
});

test("ten thousand edge identities, each with a role of its own, are judged in seconds", () => {
  const edge = Array.from({ length: 10_000 }, (_, index) => {
    const [publish, subscribe] = [[`plant/${index % 10}/{id}/data/#`], [`plant/${index % 10}/{id}/cmd/#`, "notices/#"]];
    const role = hand({ publish, subscribe, sharedReads: ["notices/#"] }, `role${index}`);
    return { name: `gw-${index}`, role };
  });
  // Of the processor, not of a clock: others may be on this machine.
  const begin = process.cpuUsage();
  expect(faultsOf({ ...valid, broker: { ...valid.broker, size: "large" }, capacity: 50_000, edge })).toEqual([]);
  const { user, system } = process.cpuUsage(begin);
  expect((user + system) / 1e6).toBeLessThan(5);
});
