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

const role = (filters: Filters, name = "hand-made"): Role => raw({ name, publish: [], subscribe: [], ...filters });
const onEdge = (...roles: readonly Role[]): readonly Fault[] =>
  faultsOf({ ...valid, edge: roles.map((one, index) => ({ name: "xyz"[index], role: one })) });
const onEnterprise = (one: Role): readonly Fault[] => faultsOf({ ...valid, enterprise: [{ name: "x", role: one }] });

describe("a filter in a grant", () => {
  test.each([
    ["a#", "MQTT-4.7.1-2"],
    ["a+/b", "MQTT-4.7.1-3"],
    ["", "MQTT-4.7.3-1"],
    ["a\0", "MQTT-4.7.3-2"],
    ["a".repeat(65_536), "MQTT-4.7.3-3"],
    ["a/\ud800", "MQTT-1.5.3-1"],
  ])("is refused when invalid, naming the clause: %.10j", (filter, clause) => {
    expect(onEnterprise(role({ publish: [filter] }))).toEqual([
      expect.objectContaining({ path: "enterprise[0].role.publish[0]", rule: expect.stringContaining(clause) }),
    ]);
    expect(onEnterprise(role({ subscribe: ["ok", filter] }))).toEqual([
      expect.objectContaining({ path: "enterprise[0].role.subscribe[1]", rule: expect.stringContaining(clause) }),
    ]);
  });

  test.each([
    ["a/x{id}/b", /whole level/],
    ["a/{ID}/b", /whole level/],
    ["a/{device}/b", /whole level/],
    ["{id}/{id}", /at most once/],
  ])("is refused when its placeholder is odd: %s", (filter, rule) => {
    expect(onEnterprise(role({ subscribe: [filter] }))).toEqual([
      expect.objectContaining({ path: "enterprise[0].role.subscribe[0]", rule: expect.stringMatching(rule) }),
    ]);
  });

  test.each(["$SYS/#", "$SYS", "$share/group/a", "$x/{id}"])("is refused on %s outside the operator role", (filter) => {
    for (const faults of [
      onEnterprise(role({ subscribe: [filter] })),
      onEnterprise(role({ publish: [filter] })),
      onEdge(role({ subscribe: ["$x/{id}"] })),
    ])
      expect(faults).toEqual([
        expect.objectContaining({ rule: expect.stringMatching(/'\$', which only the operator/) }),
      ]);
  });

  test("a role that calls itself operator cannot publish", () => {
    const forged: Role = { id: "operator", template: "operator", grants: () => ({ publish: ["#"], subscribe: [] }) };
    const faults = faultsOf({ ...valid, enterprise: [{ name: "x", role: forged }] });
    expect(faults).toEqual([expect.objectContaining({ rule: expect.stringMatching(/only reads/) })]);
  });

  test.each([
    ["x", null],
    ["x", 1],
    ["x", "a/b"],
    ["x", ["a", 1]],
  ])("is refused when an untyped caller writes %s: %j", (_, publish) => {
    const faults = onEnterprise(role({ publish: publish as unknown as string[] }));
    expect(faults).toEqual([expect.objectContaining({ path: expect.stringMatching(/publish/) })]);
  });
});

describe("an edge grant", () => {
  test.each(["+/{id}", "a/+/{id}/b", "+/+/{id}/#"])(
    "is refused with a wildcard before the identity's level: %s",
    (filter) => {
      for (const filters of [{ publish: [filter] }, { subscribe: [filter] }])
        expect(onEdge(role(filters))).toEqual([
          expect.objectContaining({
            value: filter,
            rule: expect.stringMatching(/no wildcard before the level \{id\}/),
          }),
        ]);
    },
  );

  test.each(["#", "a/b", "a/+", "site/#"])("is refused without the identity's level: %s", (filter) => {
    for (const filters of [{ publish: [filter] }, { subscribe: [filter] }])
      expect(onEdge(role(filters))).toEqual([
        expect.objectContaining({ value: filter, rule: expect.stringMatching(/must hold a level \{id\}/) }),
      ]);
  });

  test("may read alike with others what it declares as shared, if no edge identity writes it or reads it for its own", () => {
    expect(onEdge(role({ subscribe: ["notices/#"], sharedReads: ["notices/#"] }))).toEqual([]);
    const own = { publish: ["data/{id}"], subscribe: ["data/+"], sharedReads: ["data/+"] };
    expect(onEdge(role(own))).toEqual([expect.objectContaining({ path: "edge[0].role.sharedReads", value: "data/x" })]);
    const others = role({ subscribe: ["spBv1.0/line1/+/+"], sharedReads: ["spBv1.0/line1/+/+"] });
    expect(onEdge(others, sparkplugEdgeNode({ group: "line1" }))).toEqual([
      expect.objectContaining({ path: "edge[0].role.sharedReads", value: "spBv1.0/line1/NBIRTH/y" }),
    ]);
  });

  test("does not publish on the strength of a shared read", () => {
    const filters = { publish: ["notices"], subscribe: ["notices"], sharedReads: ["notices"] };
    expect(onEdge(role(filters)).map(({ path }) => path)).toContain("edge[0].role.publish[0]");
  });

  test("is refused when a shared read is not one of its subscriptions", () => {
    expect(onEdge(role({ sharedReads: ["notices/#"] }))).toEqual([
      expect.objectContaining({ path: "edge[0].role.sharedReads[0]", rule: "must be one of 'subscribe'" }),
    ]);
  });

  test("may hold what an enterprise grant may hold, and not the other way round", () => {
    const wide = role({ publish: ["a/+/{id}", "b"], subscribe: ["#"] });
    expect(onEnterprise(wide)).toEqual([]);
    expect(onEdge(wide)).toHaveLength(3);
  });
});

describe("two edge identities", () => {
  test.each([
    ["a/{id}/#", "a/x/{id}", "a/x/y"],
    ["a/y/{id}", "a/{id}/#", "a/y/x"],
    ["{id}/#", "x/{id}", "x/y"],
    ["{id}/y", "x/{id}", "x/y"],
    ["a/{id}/+/b", "a/x/{id}/#", "a/x/y/b"],
    ["{id}/#", "x/a/b/c/{id}/d", "x/a/b/c/y/d"],
    ["/{id}/#", "/x/{id}", "/x/y"],
  ])("are refused when x with %s and y with %s can both write %s", (first, second, witness) => {
    const faults = onEdge(role({ publish: [first] }, "first"), role({ publish: [second] }, "second"));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({
      value: witness,
      rule: expect.stringMatching(/edge\[[01]\] "[xy]" may write, too/),
    });
  });

  test.each([
    ["a/{id}/#", "b/{id}/#"],
    ["a/{id}/#", "a/{id}/b"],
    ["a/{id}", "a/x/{id}"],
    ["{id}/a", "x/b/{id}"],
  ])("may have %s and %s, which share no topic", (first, second) => {
    expect(onEdge(role({ publish: [first] }, "first"), role({ publish: [second] }, "second"))).toEqual([]);
  });

  test("are judged as pairwise comparison would judge them", () => {
    const level = fc.constantFrom("a", "x", "y", "z", "");
    const filter = fc
      .tuple(
        fc.array(level, { maxLength: 2 }),
        fc.array(fc.constantFrom("a", "x", "y", "+"), { maxLength: 2 }),
        fc.boolean(),
      )
      .map(([before, after, rest]) => [...before, "{id}", ...after, ...(rest ? ["#"] : [])].join("/"));
    fc.assert(
      fc.property(
        fc.array(fc.array(filter, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 3 }),
        (lists) => {
          const roles = lists.map((publish, index) => role({ publish }, `role${index}`));
          const rendered = lists.map((list, index) => list.map((one) => renderFilter(one, "xyz"[index]!)));
          const clashes = rendered.flatMap((mine, i) =>
            rendered
              .slice(i + 1)
              .filter((theirs) => mine.some((m) => theirs.some((t) => intersects(m, t) !== undefined))),
          );
          const faults = onEdge(...roles);
          expect(faults).toHaveLength(clashes.length);
          for (const { value } of faults)
            expect(rendered.filter((list) => list.some((one) => matches(one, String(value)))).length).toBeGreaterThan(
              1,
            );
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("a role", () => {
  test("is refused when its id stands for other grants elsewhere", () => {
    const faults = onEdge(role({ publish: ["a/{id}"] }), role({ publish: ["b/{id}"] }));
    expect(faults).toEqual([expect.objectContaining({ path: "edge[1].role.id", value: "raw:hand-made" })]);
  });

  test("may be written twice alike", () => {
    expect(onEdge(telemetryDevice({ area: "a" }), telemetryDevice({ area: "a" }))).toEqual([]);
  });

  test("has its faults reported once, however many identities have it", () => {
    const faulty = role({ publish: ["a"] });
    expect(onEdge(faulty, faulty, faulty)).toHaveLength(1);
    const reserved = sparkplugEdgeNode({ group: "STATE" });
    expect(onEdge(reserved, reserved)).toHaveLength(1);
    expect(onEdge(null as unknown as Role, null as unknown as Role)).toHaveLength(2);
  });

  test.each([
    [
      "an id that is not its template's",
      { id: "__proto__", template: "raw", grants: () => ({ publish: [], subscribe: [] }) },
    ],
    ["an id that ends early", { id: "raw:", template: "raw", grants: () => ({ publish: [], subscribe: [] }) }],
    ["an unknown template", { id: "admin", template: "admin", grants: () => ({ publish: [], subscribe: [] }) }],
    ["no grants", { id: "raw:x", template: "raw" }],
    [
      "faults that are none",
      { id: "raw:x", template: "raw", grants: () => ({ publish: [], subscribe: [] }), faults: [null] },
    ],
    [
      "faults that are no list",
      { id: "raw:x", template: "raw", grants: () => ({ publish: [], subscribe: [] }), faults: 1 },
    ],
    ["grants that are nothing", { id: "raw:x", template: "raw", grants: () => null }],
    [
      "grants that throw",
      {
        id: "raw:x",
        template: "raw",
        grants: () => {
          throw new TypeError("boom");
        },
      },
    ],
  ])("made by hand is refused with %s", (_, made) => {
    const faults = faultsOf({ ...valid, edge: [{ name: "x", role: made }] });
    expect(faults.length).toBeGreaterThan(0);
    for (const { path } of faults) expect(path).toMatch(/^edge\[0\]\.role/);
  });
});
