import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { compileAccess } from "../../../policy/compile-access";
import { deriveAccess } from "../../../policy/derive-access";
import { renderFilter } from "../../../policy/render-filter";
import { accessData } from "../../../proof/report/access-data";
import { findIdentities, showIdentity } from "../../../proof/report/page/find-identities";
import riverside from "../../../sites/riverside";
import { tenThousandDevices } from "../../sites/ten-thousand";
import { accessOf } from "./sample-input";

const data = accessData(accessOf(riverside).identities);
const names = data.identities.map(([name]) => name);
const find = (question: Partial<Parameters<typeof findIdentities>[1]>, from = data) =>
  findIdentities(from, { name: "", kind: "", role: "", topic: "", ...question }).map(([name]) => name);

test("whom the page names for a topic is whom the broker would let publish or receive it", () => {
  const policy = compileAccess(deriveAccess(riverside));
  // Topics near what is granted: each level of a filter as it is, or another one.
  const level = fc.constantFrom("line1", "line2", "NDATA", "STATE", "x", "$SYS", ...names);
  const filter = fc.constantFrom(...data.roles.flatMap(([, ...rights]) => rights.flat()));
  const topics = fc
    .tuple(filter, fc.constantFrom(...names), fc.infiniteStream(level), fc.nat({ max: 8 }))
    .map(([pattern, name, others, changed]) =>
      renderFilter(pattern, name)
        .split("/")
        .map((own, index) => (/[+#]/.test(own) || index === changed ? others.next().value : own))
        .join("/"),
    );
  let found = 0;
  fc.assert(
    fc.property(topics, (topic) => {
      const allowed = names.filter((name) => policy.mayPublish(name, topic) || policy.mayReceive(name, topic));
      found += allowed.length;
      expect(find({ topic })).toEqual(allowed);
    }),
    { numRuns: 2_000 },
  );
  expect(found).toBeGreaterThan(2_000);
});

test("every witness is a topic that the broker grants, and none is shown where the filter is the topic", () => {
  const policy = compileAccess(deriveAccess(riverside));
  for (const identity of data.identities) {
    const { name, publish, subscribe } = showIdentity(data, identity, "");
    for (const { filter, witness } of publish)
      expect([filter, policy.mayPublish(name, witness ?? filter)]).toEqual([filter, true]);
    for (const { filter, witness } of subscribe)
      expect([filter, policy.mayReceive(name, witness ?? filter)]).toEqual([filter, true]);
    for (const { filter, witness } of [...publish, ...subscribe])
      expect(witness !== undefined).toBe(/[+#]/.test(filter));
  }
});

test("part of a name in any case, a kind and a role narrow the list", () => {
  expect(find({ name: "LINE1" })).toEqual(["gw-line1-capper", "gw-line1-filler"]);
  expect(find({ kind: "n" })).toEqual(["historian", "operator", "scada"]);
  const role = String(data.roles.findIndex(([id]) => id === "operator"));
  expect(find({ role })).toEqual(["operator"]);
  expect(find({ name: "gw", kind: "n" })).toEqual([]);
});

test("an identity without a role in the document is shown and found by no topic", () => {
  const lost = {
    at: "x",
    name: "gw-lost",
    kind: "edge",
    certificate: "required",
    roleId: "gone",
    role: undefined,
  } as const;
  const with1 = accessData([...accessOf(riverside).identities, lost]);
  expect(find({ name: "lost" }, with1)).toEqual(["gw-lost"]);
  expect(find({ topic: "#" }, with1)).not.toContain("gw-lost");
});

test("a role that two shards spell differently is there twice, each identity with its own", () => {
  const [first, second] = accessOf(riverside).identities.filter(({ roleId }) => roleId.endsWith("line1"));
  const other = { ...second!, role: { ...second!.role!, publish: ["elsewhere"] } };
  const both = accessData([first!, other]);
  expect(both.roles).toHaveLength(2);
  expect(find({ topic: "elsewhere" }, both)).toEqual([other.name]);
});

test("ten thousand identities are packed in less than 60 bytes each", () => {
  const large = accessData(accessOf(tenThousandDevices()).identities);
  expect(large.identities).toHaveLength(10_000);
  expect(JSON.stringify(large).length).toBeLessThan(600_000);
});
