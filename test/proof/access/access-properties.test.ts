import { describe, expect, test } from "@jest/globals";
import type { IdentityRow, RoleGrants } from "../../../policy/access-document";
import { deriveAccess } from "../../../policy/derive-access";
import { accessProperties } from "../../../proof/access/access-properties";
import { idleGrants } from "../../../proof/access/idle-grants";
import { readAccessDocument } from "../../../proof/access/read-access-document";
import { proveProperties } from "../../../proof/prove-properties";
import riverside from "../../../sites/riverside";
import { documentOf, shardsOf } from "./document-of";

const sensor: RoleGrants = { publish: ["plant/{id}/data/#"], subscribe: ["plant/{id}/cmd/#"] };
const rows: readonly IdentityRow[] = [
  ["gw-1", "e", "raw:sensor", 1],
  ["gw-2", "e", "raw:sensor", 1],
  ["screen", "n", "operator", 1],
];
const roles: Readonly<Record<string, RoleGrants>> = {
  "raw:sensor": sensor,
  operator: { publish: [], subscribe: ["#", "$SYS/#"] },
};

const prove = (changed: Readonly<Record<string, RoleGrants>>, identities: readonly IdentityRow[]) => {
  const input = { document: documentOf(shardsOf({ ...roles, ...changed }, identities)) };
  return new Map(proveProperties(accessProperties(input), input).map(({ id, verdict }) => [id, verdict]));
};

const violated = (id: string, changed: Readonly<Record<string, RoleGrants>>, identities = rows) => {
  const verdict = prove(changed, identities).get(id);
  if (verdict?.answer !== "VIOLATED") throw new Error(`${id} is ${verdict?.answer}`);
  return verdict.counterexamples[0]!;
};

test("the document of the shipped site is proven, with its declaration", () => {
  const declared = deriveAccess(riverside);
  const input = { document: documentOf(declared), declared };
  const answers = proveProperties(accessProperties(input), input).map(({ verdict }) => verdict.answer);
  expect(answers).toEqual(Array.from({ length: 10 }, () => "PROVEN"));
});

describe("a violation is shown with who, which topic and which grants", () => {
  test("one gateway writes below another", () => {
    const grants = { "raw:wide": { publish: ["plant/+/data/level"], subscribe: [] } };
    const found = violated("edge-identities-write-apart", grants, [...rows, ["gw-3", "e", "raw:wide", 1]]);
    expect(found.target).toMatch(/^plant\/gw-[12]\/data\/level$/);
    expect(found.path.map(({ says }) => says).join("\n")).toContain('may publish "plant/+/data/level"');
  });

  test("one gateway reads a neighbour's subtree", () => {
    const found = violated("edge-identities-exchange-nothing", {
      "raw:sensor": { ...sensor, subscribe: ["plant/gw-1/#"] },
    });
    expect([found.source, found.target]).toEqual(["gw-1 (edge identity)", "plant/gw-1/data"]);
    expect(found.path[1]?.at).toContain("gw-2");
  });

  test("one gateway reads another's commands", () => {
    const found = violated("edge-identities-read-their-commands-alone", {
      "raw:sensor": { ...sensor, subscribe: ["plant/{id}/cmd/#", "plant/+/cmd/stop"] },
    });
    expect(found.target).toMatch(/^plant\/gw-[12]\/cmd\/stop$/);
  });

  test("a shared topic that edge identities may read but nobody of them writes is no exchange", () => {
    const answers = prove({ "raw:sensor": { ...sensor, subscribe: ["plant/{id}/cmd/#", "plant/time"] } }, rows);
    expect([...answers.values()].every(({ answer }) => answer === "PROVEN")).toBe(true);
  });

  test("an identity is called '+'", () => {
    const found = violated("names-are-one-topic-level", {}, [...rows, ["+", "e", "raw:sensor", 1]]);
    expect([found.source, found.target]).toEqual(['"+" (edge identity)', "plant/gw-1/data"]);
    expect(found.path[0]?.says).toContain('becomes "plant/+/data/#"');
  });

  test.each(["a/b", "#", "", ".."])("an identity is called '%s'", (name) => {
    expect(violated("names-are-one-topic-level", {}, [...rows, [name, "e", "raw:sensor", 1]]).source).toContain(name);
  });

  test("a historian reads $SYS", () => {
    const grants = { "consumer:x": { publish: [], subscribe: ["$SYS/broker/#"] } };
    const found = violated("only-operators-read-sys", grants, [...rows, ["historian", "n", "consumer:x", 1]]);
    expect([found.source, found.target]).toEqual(["historian (enterprise identity)", "$SYS/broker"]);
  });

  test("an edge identity has the operator's role", () => {
    expect(violated("only-operators-read-sys", {}, [...rows, ["gw-9", "e", "operator", 1]]).source).toContain("gw-9");
  });

  test("an operator writes", () => {
    const grants = { operator: { publish: ["plant/gw-1/cmd/stop"], subscribe: ["#"] } };
    expect(violated("operators-write-nothing", grants).target).toBe("plant/gw-1/cmd/stop");
  });

  test("a name is another's ClientId", () => {
    const found = violated("client-ids-are-bound", {}, [...rows, ["screen~1", "e", "raw:sensor", 1]]);
    expect(found.target).toBe('ClientId "screen~1"');
  });

  test("a name is declared twice", () => {
    expect(violated("client-ids-are-bound", {}, [...rows, ["gw-1", "e", "raw:sensor", 0]]).target).toContain("gw-1");
  });

  test("a role has no identity", () => {
    const [shard] = shardsOf(roles, rows);
    const input = { document: documentOf([{ ...shard!, roles: { ...roles, "raw:left": sensor } }]) };
    const proofs = proveProperties(accessProperties(input), input);
    expect(proofs.find(({ id }) => id === "every-grant-has-a-user")?.verdict).toMatchObject({
      answer: "VIOLATED",
      counterexamples: [{ path: [{ at: 'plant/access/0: role "raw:left"', says: "is no identity's role" }] }],
    });
  });

  test("a shard is missing", () => {
    const input = { document: documentOf(shardsOf(roles, rows, 2).slice(1)) };
    const proofs = proveProperties(accessProperties(input), input);
    expect(proofs[0]?.verdict).toMatchObject({ answer: "VIOLATED" });
  });

  test("what is deployed is not what is declared", () => {
    const declared = shardsOf(roles, rows);
    const input = { document: documentOf(shardsOf(roles, rows.slice(1))), declared };
    const last = proveProperties(accessProperties(input), input).at(-1);
    expect(last?.verdict).toMatchObject({ answer: "VIOLATED", counterexamples: [{ target: "plant/access/0" }] });
  });
});

test("a document without an edge identity proves nothing about edge identities", () => {
  const answers = prove({}, [["screen", "n", "operator", 1]]);
  expect(answers.get("edge-identities-write-apart")?.answer).toBe("UNPROVEN");
});

test("a command topic that nobody writes is a remark, not a violation", () => {
  const remarks = idleGrants(documentOf(deriveAccess(riverside))).map(({ says }) => says);
  expect(remarks).toContain(
    '"riverside/utilities/gw-compressor/cmd/#" (role "telemetry-device:utilities") may be read, and no other identity may write it',
  );
});

test.each([
  [null, "'shard' must be an object"],
  [{ version: 2 }, "'version' must be 1"],
  [{ version: 1, site: "a", shard: 0, shards: 1, roles: { a: {} }, identities: [] }, "'roles[\"a\"].publish' must be"],
  [{ version: 1, site: "a", shard: 0, shards: 1, roles: {}, identities: [["a"]] }, "'identities[0]' must be"],
])("what is no shard is bad input, not a violation: %j", (value, message) => {
  expect(() => readAccessDocument([{ at: "file.json", value }])).toThrow(message);
});
