import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import Ajv from "ajv";
import fc from "fast-check";
import type { AccessShard } from "../../policy/access-document";
import { accessShardSchema } from "../../policy/access-document.schema";
import { compileAccess } from "../../policy/compile-access";
import { defineSite } from "../../policy/define-site";
import { deriveAccess, renderShard } from "../../policy/derive-access";
import { shardOf } from "../../policy/shard";
import { readShard } from "../../policy/read-shard";
import riverside from "../../sites/riverside";
import { tenThousandDevices } from "../sites/ten-thousand";
import { valid } from "./declaration";

const [shard] = deriveAccess(riverside) as [AccessShard];
const large = tenThousandDevices();
const shards = deriveAccess(large);

describe("deriveAccess", () => {
  test("gives every identity one row, in its own shard, with its role", () => {
    const rows = shards.flatMap(({ identities }) => identities);
    const strays = shards.flatMap(({ identities, roles, shard: index, shards: count }) =>
      identities.filter(([name, , role]) => shardOf(name, count) !== index || !Object.hasOwn(roles, role)),
    );
    expect(strays).toEqual([]);
    expect(shards).toHaveLength(20);
    expect(rows.map(([name]) => name).sort()).toEqual(large.identities.map(({ name }) => name).sort());
  });

  test("carries in a shard the roles of its own rows alone", () => {
    for (const { identities, roles } of shards)
      expect(Object.keys(roles)).toEqual([...new Set(identities.map((row) => row[2]))].sort());
  });

  test("keeps every shard of ten thousand identities far below 64 KiB", () => {
    for (const one of shards) expect(Buffer.byteLength(renderShard(one))).toBeLessThan(48 * 1024);
  });

  test("gives the sample site the shard that the documentation shows", () => {
    const page = readFileSync(`${__dirname}/../../docs/access-document.md`, "utf8");
    const [, example = ""] = /```json\n([^]*?)```/.exec(page) ?? [];
    expect(JSON.parse(example)).toEqual(shard);
  });

  test("gives a site without identities its shards, empty", () => {
    const empty = deriveAccess(defineSite({ ...valid, edge: [], enterprise: [], capacity: 1_000 }));
    expect(empty.map(({ identities, roles }) => [identities, roles])).toEqual([
      [[], {}],
      [[], {}],
    ]);
    expect(compileAccess(empty).identity("gw-1")).toBeUndefined();
  });
});

describe("renderShard", () => {
  test("gives the same bytes for the same site, in whatever order it was declared", () => {
    const { edge, enterprise } = {
      edge: [...valid.edge, { name: "a", role: valid.edge[0]!.role }, { name: "B", role: valid.edge[0]!.role }],
      enterprise: valid.enterprise,
    };
    const render = (list: typeof edge): readonly string[] =>
      deriveAccess(defineSite({ ...valid, edge: list, enterprise })).map(renderShard);
    expect(render([...edge].reverse())).toEqual(render(edge));
  });

  test("gives back what was rendered", () => {
    for (const one of shards) {
      const text = renderShard(one);
      const parsed = JSON.parse(text) as AccessShard;
      expect(parsed).toEqual(one);
      expect(renderShard(parsed)).toBe(text);
    }
  });

  test("does not depend on the order of keys or rows", () => {
    const shuffled = {
      identities: [...shard.identities].reverse(),
      roles: Object.fromEntries(Object.entries(shard.roles).reverse()),
      ...{ shards: shard.shards, site: shard.site, shard: shard.shard, version: shard.version },
    };
    expect(renderShard(shuffled)).toBe(renderShard(shard));
  });
});

describe("compileAccess", () => {
  const policy = compileAccess(shards);

  test("answers for every identity of the site what its declared role grants", () => {
    fc.assert(
      fc.property(fc.constantFrom(...large.identities), fc.constantFrom(...large.identities), (mine, theirs) => {
        expect(policy.identity(mine.name)).toEqual({ name: mine.name, kind: mine.kind, certificate: mine.certificate });
        for (const { name, role } of [mine, theirs])
          for (const filter of role.grants.publish) {
            const topic = filter.replace("{id}", name).replaceAll("+", "v").replace("#", "v/w");
            const sameRights = name === mine.name || (role.id === mine.role.id && !filter.includes("{id}"));
            if (mine.kind === "edge") expect(policy.mayPublish(mine.name, topic)).toBe(sameRights);
          }
      }),
      { numRuns: 500 },
    );
  });

  test("denies an unknown identity everything, also one named like a property of Object", () => {
    for (const name of ["nobody", "", "__proto__", "constructor", "toString"]) {
      expect(policy.identity(name)).toBeUndefined();
      expect(policy.mayPublish(name, "a")).toBe(false);
      expect(policy.maySubscribe(name, "#")).toBe(false);
      expect(policy.mayReceive(name, "a")).toBe(false);
    }
  });

  test("serves identities named like properties of Object as any other", () => {
    const edge = ["__proto__", "constructor", "hasOwnProperty"].map((name) => ({ name, role: valid.edge[0]!.role }));
    const site = defineSite({ ...valid, edge });
    const odd = compileAccess(deriveAccess(site).map((one) => JSON.parse(renderShard(one)) as AccessShard));
    for (const { name } of edge) {
      expect(odd.identity(name)).toEqual({ name, kind: "edge", certificate: "required" });
      expect(odd.mayPublish(name, `spBv1.0/line1/NDATA/${name}`)).toBe(true);
      expect(odd.mayPublish(name, "spBv1.0/line1/NDATA/gw-1")).toBe(false);
    }
  });

  test("says what a session may receive now, whatever it subscribed before", () => {
    expect(policy.mayReceive("gw-00000", "spBv1.0/line1/NCMD/gw-00000")).toBe(true);
    expect(policy.mayReceive("gw-00000", "spBv1.0/line1/NCMD/gw-00001")).toBe(false);
    expect(policy.mayReceive("gw-00000", "spBv1.0/line1/NDATA/gw-00000")).toBe(false);
    expect(policy.mayReceive("operator-1", "$SYS/broker/clients")).toBe(true);
    expect(policy.mayReceive("historian", "$SYS/broker/clients")).toBe(false);
  });

  test("refuses text that is no topic and no filter, whatever the grants are", () => {
    expect(policy.mayPublish("gw-00000", "spBv1.0/line1/DDATA/gw-00000/+")).toBe(false);
    expect(policy.mayPublish("gw-00000", "spBv1.0/line1/DDATA/gw-00000/a\0")).toBe(false);
    for (const filter of ["", "a#", "a+/b", "#/a", "a/\0", "a/\ud800"])
      expect([filter, policy.maySubscribe("operator-1", filter)]).toEqual([filter, false]);
  });

  const small = deriveAccess(defineSite({ ...valid, capacity: 1_000 }));
  const [first, second] = small as [AccessShard, AccessShard];
  const full = first.identities.length > 0 ? first : second;
  const other = full === first ? second : first;
  const [row] = full.identities as unknown as [AccessShard["identities"][number]];
  const change = (changes: object): readonly AccessShard[] => [{ ...full, ...changes } as AccessShard, other];
  const name = (text: string): object => ({ identities: [[text, ...row.slice(1)]] });
  const grants = (filter: unknown): object => ({
    roles: { ...full.roles, [row[2]]: { publish: [filter], subscribe: [] } },
  });

  test("takes the shards in any order", () => {
    expect(compileAccess([second, first]).identity(row[0])).toBeDefined();
  });

  test.each<readonly [string, readonly AccessShard[], RegExp]>([
    ["no shards", [], /at least one shard/],
    ["a missing shard", [full], /each of 2 shards once, got 1, missing [01]/],
    ["a shard twice", [full, full], /missing [01]/],
    ["one shard too many", [first, second, second], /got 3/],
    ["another site's shard", change({ site: "other" }), /of one site, got "other" and "plant"/],
    ["shards that count differently", change({ shards: 3 }), /agree on their count/],
    ["another version", change({ version: 2 }), /version: must be 1/],
    ["no version", change({ version: undefined }), /version: must be 1/],
    ["an index beyond the count", change({ shard: 2 }), /from 0 to 1/],
    ["an unknown role", change({ roles: {} }), /unknown role/],
    [
      "a role of Object's",
      change({ roles: {}, identities: [[row[0], "e", "constructor", 1]] }),
      /unknown role "constructor"/,
    ],
    ["an identity in the wrong shard", [full, { ...other, identities: [row], roles: full.roles }], /must be in shard/],
    ["an identity twice", change({ identities: [row, row] }), /listed once/],
    ["a name with a wildcard", change(name("+")), /must match/],
    ["a name of two levels", change(name("a/b")), /must match/],
    ["an unknown kind", change({ identities: [[row[0], "x", row[2], 1]] }), /kind "e" or "n"/],
    ["a certificate that is neither", change({ identities: [[row[0], "e", row[2], true]] }), /certificate 0 or 1/],
    ["a row too short", change({ identities: [[row[0], "e", row[2]]] }), /\[name, kind, role, certificate\]/],
    ["rows that are none", change({ identities: {} }), /must be a list/],
    ["roles that are none", change({ roles: [] }), /must be an object/],
    ["an invalid filter", change(grants("a#")), /valid topic filter/],
    ["a placeholder in part of a level", change(grants("x{id}/a")), /whole level/],
    ["a filter that is no text", change(grants(1)), /must be a topic filter/],
    ["nothing for a shard", [null as unknown as AccessShard], /version: must be 1, .*got nothing/],
  ])("refuses %s", (_, faulty, message) => expect(() => compileAccess(faulty)).toThrow(message));

  test("refuses a role that differs between shards", () => {
    const roles = Object.keys(shards[0]!.roles);
    const shared = roles.find((id) => id in shards[1]!.roles)!;
    const changed = { ...shards[1]!, roles: { ...shards[1]!.roles, [shared]: { publish: ["#"], subscribe: [] } } };
    expect(() => compileAccess([shards[0]!, changed, ...shards.slice(2)])).toThrow(/same grants in every shard/);
  });
});

describe("accessShardSchema", () => {
  const validate = new Ajv({ strict: true, strictTuples: false }).compile(accessShardSchema);

  test("accepts every shard that is derived", () => {
    for (const one of [shard, ...shards])
      expect([validate(JSON.parse(renderShard(one))), validate.errors]).toEqual([true, null]);
  });

  test("describes every property", () => {
    for (const property of Object.values(accessShardSchema.properties)) expect(property.description).toMatch(/\.$/);
  });

  const [row] = shard.identities as unknown as [AccessShard["identities"][number]];
  const grants = (publish: unknown): object => ({ roles: { "raw:x": { publish, subscribe: [] } } });
  test.each<readonly [string, object]>([
    ["another version", { version: 2 }],
    ["no site", { site: undefined }],
    ["a site's name that is none", { site: "A B" }],
    ["a negative index", { shard: -1 }],
    ["no shards", { shards: 0 }],
    ["a property more", { extra: 1 }],
    ["a role without 'subscribe'", { roles: { "raw:x": { publish: [] } } }],
    ["a role with an odd id", { roles: { "x:y": { publish: [], subscribe: [] } } }],
    ["a filter with '#' in its midst", grants(["a/#/b"])],
    ["a filter with '+' in a level", grants(["a+/b"])],
    ["a filter with a null character", grants(["a\0"])],
    ["an empty filter", grants([""])],
    ["a placeholder in part of a level", grants(["a{id}"])],
    ["two placeholders", grants(["{id}/\n/{id}"])],
    ["a filter twice", grants(["a", "a"])],
    ["a row too short", { identities: [row.slice(0, 3)] }],
    ["a row too long", { identities: [[...row, 1]] }],
    ["a name with a space", { identities: [["a b", ...row.slice(1)]] }],
    ["a name of two dots", { identities: [["..", ...row.slice(1)]] }],
    ["an unknown kind", { identities: [[row[0], "x", row[2], 1]] }],
    ["a certificate beyond 0 and 1", { identities: [[row[0], "e", row[2], 2]] }],
    ["more shards than any site has", { shards: 101 }],
    ["more shards than memory has room for", { shards: 3e8 }],
    ["a filter with a brace", grants(["a/{x}/b"])],
    ["a placeholder twice", grants(["{id}/{id}"])],
    ["a property of a role more", { roles: { "raw:x": { publish: [], subscribe: [], sharedReads: [] } } }],
    ["a role whose id ends early", { roles: { "raw:": { publish: [], subscribe: [] } } }],
  ])("and the broker's reader alike reject a shard with %s", (_, change) => {
    const changed: unknown = JSON.parse(JSON.stringify({ ...shard, ...change }));
    expect(validate(changed)).toBe(false);
    expect(() => readShard(changed)).toThrow(/^access document, /);
  });

  test.each(["#", "/", "a//b", "+", "+/#", "/#", "{id}/#", "a/{id}/+", "$SYS/#", "Linie Süd/\n"])(
    "accepts the filter %j",
    (one) => {
      expect([validate({ ...shard, ...grants([one]) }), validate.errors]).toEqual([true, null]);
      expect(readShard({ ...shard, ...grants([one]) }).roles.get("raw:x")?.publish).toEqual([one]);
    },
  );
});
