import { describe, expect, test } from "@jest/globals";
import type { AccessPolicy } from "../../policy/compile-access";
import { compileAccess } from "../../policy/compile-access";
import { defineSite } from "../../policy/define-site";
import { deriveAccess } from "../../policy/derive-access";
import type { Role } from "../../policy/role";
import { consumer } from "../../policy/roles/consumer";
import { operator } from "../../policy/roles/operator";
import { raw } from "../../policy/roles/raw";
import { sparkplugEdgeNode } from "../../policy/roles/sparkplug-edge-node";
import { sparkplugHost } from "../../policy/roles/sparkplug-host";
import { updater } from "../../policy/roles/updater";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { faultsOf, valid } from "./declaration";

const policy: AccessPolicy = compileAccess(
  deriveAccess(
    defineSite({
      ...valid,
      edge: [
        { name: "gw-1", role: sparkplugEdgeNode({ group: "line1" }) },
        { name: "gw-2", role: sparkplugEdgeNode({ group: "line1" }) },
        { name: "gw-3", role: sparkplugEdgeNode({ group: "line3", primaryHost: "scada" }) },
        { name: "meter", role: telemetryDevice({ area: "yard" }) },
      ],
      enterprise: [
        { name: "scada", role: sparkplugHost({ groups: ["line1", "line2"] }) },
        { name: "historian", role: consumer({ groups: ["line1"], areas: ["yard"] }) },
        { name: "operator", role: operator() },
        { name: "updates", role: updater({ areas: ["yard"], groups: ["line1"] }) },
        { name: "recipes", role: raw({ name: "recipes", publish: ["recipes/{id}/+"], subscribe: ["acks/#"] }) },
      ],
    }),
  ),
);

const publishes = (name: string, topics: readonly string[]): readonly string[] =>
  topics.filter((topic) => policy.mayPublish(name, topic));
const subscribes = (name: string, filters: readonly string[]): readonly string[] =>
  filters.filter((filter) => policy.maySubscribe(name, filter));

const SPARKPLUG = ["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH", "NCMD", "DCMD"].flatMap((message) =>
  ["line1", "line2"].flatMap((group) =>
    ["gw-1", "gw-2"].flatMap((node) => [
      `spBv1.0/${group}/${message}/${node}`,
      `spBv1.0/${group}/${message}/${node}/plc`,
    ]),
  ),
);

describe("a Sparkplug edge node", () => {
  test("publishes births, data and deaths of its own node and devices, and nothing else", () => {
    const others = ["spBv1.0/STATE/gw-1", "spBv1.0/line1/DDATA/gw-1/plc/x", "spBv1.0/line1/DDATA/gw-1", "gw-1", "a"];
    expect(publishes("gw-1", [...SPARKPLUG, ...others])).toEqual([
      "spBv1.0/line1/NBIRTH/gw-1",
      "spBv1.0/line1/NDATA/gw-1",
      "spBv1.0/line1/NDEATH/gw-1",
      "spBv1.0/line1/DBIRTH/gw-1/plc",
      "spBv1.0/line1/DDATA/gw-1/plc",
      "spBv1.0/line1/DDEATH/gw-1/plc",
    ]);
  });
  test("with a primary host reads that one's STATE alone", () => {
    const states = ["spBv1.0/STATE/scada", "spBv1.0/STATE/other", "spBv1.0/STATE/+"];
    expect(subscribes("gw-3", states)).toEqual(["spBv1.0/STATE/scada"]);
    expect(publishes("gw-3", states)).toEqual([]);
  });
  test("may not wait for a host that nobody in the site can be", () => {
    const edge = [{ name: "x", role: sparkplugEdgeNode({ group: "line1", primaryHost: "scda" }) }];
    const scada = { name: "scada", role: sparkplugHost({ groups: ["line1"] }) };
    const fault = {
      path: "edge[0].role.primaryHost",
      rule: expect.stringContaining("'spBv1.0/STATE/scda'"),
      value: "scda",
    };
    expect(faultsOf({ ...valid, edge, enterprise: [scada] })).toEqual([
      { ...fault, fix: "name one of scada, or leave it out to send whoever listens" },
    ]);
    expect(faultsOf({ ...valid, edge })).toEqual([{ ...fault, fix: expect.stringContaining("sparkplugHost") }]);
    expect(faultsOf({ ...valid, edge, enterprise: [{ ...scada, name: "scda" }] })).toEqual([]);
  });
  test("reads its own commands and the hosts' STATE, and nothing else", () => {
    const wide = [
      "#",
      "spBv1.0/#",
      "spBv1.0/line1/NCMD/+",
      "spBv1.0/line1/DCMD/gw-1/#",
      "spBv1.0/+/NCMD/gw-1",
      "$SYS/#",
    ];
    const own = ["spBv1.0/line1/DCMD/gw-1/+", "spBv1.0/STATE/+", "spBv1.0/STATE/scada"];
    expect(subscribes("gw-1", [...SPARKPLUG, ...wide, ...own])).toEqual([
      "spBv1.0/line1/NCMD/gw-1",
      "spBv1.0/line1/DCMD/gw-1/plc",
      ...own,
    ]);
  });
});

describe("an updater", () => {
  test("announces and serves images to its devices, and gives plain ones no other command", () => {
    const own = ["plant/yard/meter/cmd/update", "plant/yard/meter/cmd/update/chunk", "spBv1.0/line1/NCMD/gw-1"];
    const others = [
      "plant/yard/meter/cmd/valve",
      "plant/yard/meter/cmd/update/x",
      "plant/yard/meter/event/agent/version",
      "plant/mill/meter/cmd/update",
      "spBv1.0/line2/NCMD/gw-1",
      "spBv1.0/line1/DCMD/gw-1/plc",
    ];
    expect(publishes("updates", [...own, ...others])).toEqual(own);
  });
  test("reads versions and requests, and no data of plain devices", () => {
    const own = [
      "plant/yard/+/event/agent/version",
      "plant/yard/+/event/agent/update",
      "spBv1.0/line1/NBIRTH/+",
      "spBv1.0/line1/NDATA/gw-1",
    ];
    const others = ["plant/yard/#", "plant/yard/+/data/#", "plant/yard/+/event/#", "spBv1.0/line1/#", "$SYS/#", "#"];
    expect(subscribes("updates", [...own, ...others])).toEqual(own);
  });
});

describe("a Sparkplug host", () => {
  test("commands the nodes and devices of its groups and announces its own state", () => {
    const states = ["spBv1.0/STATE/scada", "spBv1.0/STATE/other", "spBv1.0/line3/NCMD/gw-1"];
    expect(publishes("scada", [...SPARKPLUG, ...states])).toEqual([
      "spBv1.0/line1/NCMD/gw-1",
      "spBv1.0/line1/NCMD/gw-2",
      "spBv1.0/line2/NCMD/gw-1",
      "spBv1.0/line2/NCMD/gw-2",
      "spBv1.0/line1/DCMD/gw-1/plc",
      "spBv1.0/line1/DCMD/gw-2/plc",
      "spBv1.0/line2/DCMD/gw-1/plc",
      "spBv1.0/line2/DCMD/gw-2/plc",
      "spBv1.0/STATE/scada",
    ]);
  });
  test("reads its groups, whole or in part, and STATE", () => {
    const granted = ["spBv1.0/line1/#", "spBv1.0/line2/NBIRTH/+", "spBv1.0/line1/DDATA/+/+", "spBv1.0/STATE/scada"];
    expect(subscribes("scada", [...granted, "spBv1.0/#", "spBv1.0/+/NDATA/+", "plant/yard/#", "$SYS/#"])).toEqual(
      granted,
    );
  });
});

describe("a telemetry device", () => {
  test("publishes below its own name", () => {
    const own = [
      "plant/yard/meter/data",
      "plant/yard/meter/data/kwh/l1",
      "plant/yard/meter/event/x",
      "plant/yard/meter/status",
    ];
    const foreign = ["plant/yard/meter", "plant/yard/meter/cmd/x", "plant/yard/meter2/data", "plant/hall/meter/data"];
    expect(publishes("meter", [...own, ...foreign, "plant/yard/meter/status/x"])).toEqual(own);
  });
  test("reads its own commands", () => {
    const own = ["plant/yard/meter/cmd/#", "plant/yard/meter/cmd", "plant/yard/meter/cmd/set"];
    expect(subscribes("meter", [...own, "plant/yard/+/cmd/#", "plant/yard/meter/#", "plant/#"])).toEqual(own);
  });
});

describe("the other roles", () => {
  test("a consumer reads its groups and areas and publishes nothing", () => {
    const granted = ["spBv1.0/line1/#", "plant/yard/#", "plant/yard/+/data/#"];
    expect(subscribes("historian", [...granted, "spBv1.0/line2/#", "plant/#", "spBv1.0/STATE/+"])).toEqual(granted);
    expect(publishes("historian", [...SPARKPLUG, "plant/yard/historian/data", "a"])).toEqual([]);
  });
  test("an operator reads everything, $SYS too, and publishes nothing", () => {
    const granted = ["#", "+/a", "$SYS/#", "$SYS/broker/clients"];
    expect(subscribes("operator", [...granted, "$other/#"])).toEqual(granted);
    expect(publishes("operator", [...SPARKPLUG, "a", "$SYS/x"])).toEqual([]);
  });
  test("a raw role does what its filters say", () => {
    expect(publishes("recipes", ["recipes/recipes/1", "recipes/other/1"])).toEqual(["recipes/recipes/1"]);
    expect(subscribes("recipes", ["acks/#", "acks/1", "acks", "ack/1"])).toEqual(["acks/#", "acks/1", "acks"]);
  });
});

describe("a role's parameters", () => {
  const untyped = (value: unknown): never => value as never;
  test.each<readonly [string, Role, string]>([
    ["the reserved group STATE", sparkplugEdgeNode({ group: "STATE" }), "group"],
    ["a group with a wildcard", sparkplugEdgeNode({ group: "line+" }), "group"],
    ["a group with a slash", sparkplugEdgeNode({ group: "a/b" }), "group"],
    ["a group that is the placeholder", sparkplugEdgeNode({ group: "{id}" }), "group"],
    ["an empty group", sparkplugEdgeNode({ group: "" }), "group"],
    ["a group of blanks", sparkplugEdgeNode({ group: " " }), "group"],
    ["a group that is a number", sparkplugEdgeNode({ group: untyped(1) }), "group"],
    ["no parameters at all", sparkplugEdgeNode(untyped(undefined)), "group"],
    ["any host for a primary one", sparkplugEdgeNode({ group: "a", primaryHost: "+" }), "primaryHost"],
    ["null for parameters", telemetryDevice(untyped(null)), "area"],
    ["an area with '#'", telemetryDevice({ area: "#" }), "area"],
    ["an area that begins with '$'", telemetryDevice({ area: "$x" }), "area"],
    ["no groups for a host", sparkplugHost({ groups: [] }), "groups"],
    ["text for a host's groups", sparkplugHost({ groups: untyped("line1") }), "groups"],
    ["a group twice", sparkplugHost({ groups: ["a", "a"] }), "groups[1]"],
    ["STATE among a host's groups", sparkplugHost({ groups: ["a", "STATE"] }), "groups[1]"],
    ["nothing to consume", consumer({}), "groups"],
    ["no parameters for a consumer", consumer(untyped(undefined)), "groups"],
    ["an empty list of areas", consumer({ areas: [] }), "areas"],
    ["an area with a wildcard", consumer({ groups: ["a"], areas: ["+"] }), "areas[0]"],
    ["a raw role without a name", raw(untyped({ publish: [], subscribe: [] })), "name"],
    ["no parameters for a raw role", raw(untyped(undefined)), "name"],
  ])("are refused in the site's one error: %s", (_, role, path) => {
    expect(faultsOf({ ...valid, enterprise: [{ name: "x", role }] }).map((fault) => fault.path)).toEqual([
      `enterprise[0].role.${path}`,
    ]);
  });

  test.each<readonly [string, Role, string, string]>([
    ["an edge node's", sparkplugEdgeNode(untyped({ grup: "line1" })), "grup", "did you mean 'group'?"],
    ["a host's", sparkplugHost(untyped({ groups: ["a"], gruops: ["b"] })), "gruops", "did you mean 'groups'?"],
    ["a device's", telemetryDevice(untyped({ area: "yard", site: "x" })), "site", "remove it; known are area"],
    ["a consumer's", consumer(untyped({ groups: ["a"], area: ["b"] })), "area", "did you mean 'areas'?"],
    ["an operator's", operator(untyped({ groups: ["a"] })), "groups", "remove it; the role has none"],
    [
      "a raw role's",
      raw(untyped({ name: "x", publish: [], subscribe: [], sharedRead: ["#"] })),
      "sharedRead",
      "did you mean 'sharedReads'?",
    ],
  ])("are not misspelt in silence: %s", (_, role, parameter, fix) => {
    expect(faultsOf({ ...valid, enterprise: [{ name: "x", role }] })).toContainEqual({
      path: `enterprise[0].role.${parameter}`,
      rule: "must be a parameter of the role",
      value: expect.anything(),
      fix,
    });
  });

  test("may be words of any script, with inner spaces", () => {
    const role = sparkplugHost({ groups: ["Linie Süd 1", "ライン1"] });
    expect(faultsOf({ ...valid, enterprise: [{ name: "x", role }] })).toEqual([]);
  });

  test("may be whatever Sparkplug takes for an id", () => {
    const groups = ["Line:1", "Cell (2)", "50%", "a,b;c=d", 'O\'Brien & "Sons"', "Straße→🏭", "\u0915\u093f"];
    expect(faultsOf({ ...valid, enterprise: [{ name: "x", role: sparkplugHost({ groups }) }] })).toEqual([]);
  });

  test.each(["a\nb", "a\u0000", "a\u2028b", "a\u202eb", "\ud800", "a}", "a{", " a", "a".repeat(65)])(
    "may not be %j",
    (group) => {
      const edge = [{ name: "x", role: sparkplugEdgeNode({ group }) }];
      expect(faultsOf({ ...valid, edge })).toEqual([expect.objectContaining({ path: "edge[0].role.group" })]);
    },
  );

  test("give different roles different ids, whatever stands in a name", () => {
    const roles = [["a,b"], ["a", "b"], ["a%2Cb"]].map((groups) => sparkplugHost({ groups }));
    roles.push(consumer({ groups: ["a;areas=b"] }), consumer({ groups: ["a"], areas: ["b"] }));
    expect(new Set(roles.map(({ id }) => id)).size).toBe(roles.length);
    const enterprise = roles.map((role, index) => ({ name: `s${index}`, role }));
    expect(faultsOf({ ...valid, enterprise })).toEqual([]);
  });

  test("give the same role in whatever order groups are listed", () => {
    expect(sparkplugHost({ groups: ["b", "a"] }).id).toBe(sparkplugHost({ groups: ["a", "b"] }).id);
    const enterprise = [
      ["a", "b"],
      ["b", "a"],
    ].map((groups, index) => ({ name: `s${index}`, role: sparkplugHost({ groups }) }));
    expect(faultsOf({ ...valid, enterprise })).toEqual([]);
  });
});
