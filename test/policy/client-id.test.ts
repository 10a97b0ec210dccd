import { expect, test } from "@jest/globals";
import { ownsClientId } from "../../policy/client-id";

const edge = { name: "gw-1", kind: "edge" } as const;
const enterprise = { name: "scada", kind: "enterprise" } as const;

test.each([
  [edge, "gw-1", true],
  [edge, "gw-1~a", false],
  [edge, "gw-2", false],
  [edge, "", false],
  [edge, "GW-1", false],
  [enterprise, "scada", true],
  [enterprise, "scada~tab-2", true],
  [enterprise, `scada~${"a".repeat(32)}`, true],
  [enterprise, `scada~${"a".repeat(33)}`, false],
  [enterprise, "scada~", false],
  [enterprise, "scada~a~b", false],
  [enterprise, "scada~a b", false],
  [enterprise, "scada~a\n", false],
  [enterprise, "scada2", false],
  [enterprise, "historian~a", false],
])("%j owns the ClientId %j: %s", (identity, clientId, expected) =>
  expect(ownsClientId(identity, clientId)).toBe(expected),
);
