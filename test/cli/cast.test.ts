import { expect, test } from "@jest/globals";
import { findCast } from "../../cli/demo/cast";
import { loadSites } from "../../load-sites";
import { consumer } from "../../policy/roles/consumer";
import { operator } from "../../policy/roles/operator";
import { sparkplugEdgeNode } from "../../policy/roles/sparkplug-edge-node";
import { sparkplugHost } from "../../policy/roles/sparkplug-host";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import type { Role } from "../../policy/role";
import type { Identity } from "../../policy/site";
import { resolvedRole } from "../resolved-role";
import { testSite } from "../site";

const identity = (
  name: string,
  kind: Identity["kind"],
  role: Role,
  certificate: Identity["certificate"] = "required",
): Identity => ({
  name,
  kind,
  role: resolvedRole(role, "plant"),
  certificate,
});
const device = (name: string): Identity => identity(name, "edge", telemetryDevice({ area: "line" }));
const historian = identity("historian", "enterprise", consumer({ areas: ["line"], groups: ["g"] }));

test("the shipped site plays with a host that commands, and an operator that watches", () => {
  const cast = findCast(loadSites().get("riverside")!)!;
  expect(cast.host.name).toBe("scada");
  expect(cast.operator?.name).toBe("operator");
  expect(cast.edge.map(({ telemetry, command }) => [telemetry, command])).toEqual([
    ["spBv1.0/line1/NDATA/gw-line1-filler", "spBv1.0/line1/NCMD/gw-line1-filler"],
    ["spBv1.0/line1/NDATA/gw-line1-capper", "spBv1.0/line1/NCMD/gw-line1-capper"],
  ]);
});

test("a host that only reads plays without commands", () => {
  const cast = findCast(testSite({ identities: [device("a"), device("b"), historian] }))!;
  expect([cast.host.name, cast.operator, cast.edge[0].command]).toEqual(["historian", undefined, undefined]);
  expect(cast.edge.map(({ telemetry }) => telemetry)).toEqual(["plant/line/a/data/demo", "plant/line/b/data/demo"]);
});

test("a client that commands is preferred to one that only reads, and an operator comes last", () => {
  const nodes = ["a", "b"].map((name) => identity(name, "edge", sparkplugEdgeNode({ group: "g" })));
  const host = identity("host", "enterprise", sparkplugHost({ groups: ["g"] }));
  const watcher = identity("watcher", "enterprise", operator());
  const hostOf = (...clients: Identity[]): string | undefined =>
    findCast(testSite({ identities: [...nodes, ...clients] }))?.host.name;
  expect(hostOf(watcher, historian, host)).toBe("host");
  expect(hostOf(watcher, historian)).toBe("historian");
  expect(hostOf(watcher)).toBe("watcher");
});

test.each<readonly [string, readonly Identity[]]>([
  ["one device", [device("a"), historian]],
  ["nobody who reads", [device("a"), device("b"), identity("h", "enterprise", consumer({ areas: ["elsewhere"] }))]],
  ["a reader without a certificate", [device("a"), device("b"), { ...historian, certificate: "password-only" }]],
  ["devices without certificates", [{ ...device("a"), certificate: "password-only" }, device("b"), historian]],
])("a site with %s has no cast", (_, identities) => {
  expect(findCast(testSite({ identities }))).toBeUndefined();
});
