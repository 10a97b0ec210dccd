import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { authorizer } from "../../../broker/src/authorize";
import type { AccessShard, IdentityRow, RoleGrants } from "../../../policy/access-document";
import { compileAccess } from "../../../policy/compile-access";
import { edgeCommandsPrivate } from "../../../proof/access/edge-commands-private";
import { edgeWritesApart } from "../../../proof/access/edge-writes-apart";
import { edgesExchangeNothing } from "../../../proof/access/edges-exchange-nothing";
import { isOwnFilter } from "../../../proof/access/granted-filters";
import { idleGrants } from "../../../proof/access/idle-grants";
import { reaches } from "../../../proof/access/reaches";
import { FilterTrie } from "../../../proof/access/filter-trie";
import { intersects } from "../../../policy/topic-filter";
import type { Verdict } from "../../../proof/verdict";
import { documentOf, shardsOf } from "./document-of";

/** Names that are also levels, so that filters meet often; the empty level is where implementations differ. */
const LEVELS = ["", "a", "b", "{id}", "+"];
const NAMES = ["a", "b", "c"];

const filters = fc
  .tuple(fc.array(fc.constantFrom(...LEVELS), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ["#"] : [])].join("/"))
  .filter((filter) => filter !== "" && filter.split("{id}").length < 3);

const grants: fc.Arbitrary<RoleGrants> = fc.record({
  publish: fc.uniqueArray(filters, { maxLength: 3 }),
  subscribe: fc.uniqueArray(filters, { maxLength: 3 }),
});

const documents: fc.Arbitrary<readonly AccessShard[]> = fc
  .tuple(
    grants,
    grants,
    fc.array(fc.tuple(fc.constantFrom("raw:x", "raw:y"), fc.constantFrom("e", "n")), { minLength: 3, maxLength: 3 }),
  )
  .map(([x, y, chosen]) =>
    shardsOf(
      { "raw:x": x, "raw:y": y },
      NAMES.map((name, index): IdentityRow => [name, chosen[index]![1] as "e" | "n", chosen[index]![0], 1]),
      2,
    ),
  );

/** Every topic of up to five of these levels: `x` stands for all the names that no filter holds. */
const topics = ((): readonly string[] => {
  let last = ["", "a", "b", "c", "x"];
  const all = [...last];
  for (let depth = 2; depth <= 4; depth++) {
    last = last.flatMap((start) => ["", "a", "b", "c", "x"].map((level) => `${start}/${level}`));
    all.push(...last);
  }
  return all.filter((topic) => topic !== "");
})();

/** What the broker itself would let two different edge identities do with the same topic, tried on every topic. */
const shared = (
  shards: readonly AccessShard[],
  left: (name: string, topic: string) => boolean,
  right: (name: string, topic: string) => boolean,
): boolean => {
  const edges = shards.flatMap(({ identities }) => identities.filter(([, kind]) => kind === "e").map(([name]) => name));
  return topics.some((topic) => {
    const [xs, ys] = [edges.filter((name) => left(name, topic)), edges.filter((name) => right(name, topic))];
    return xs.some((x) => ys.some((y) => x !== y));
  });
};

const answerOf = (verdict: Verdict): boolean | undefined =>
  verdict.answer === "UNPROVEN" ? undefined : verdict.answer === "VIOLATED";

const hasEdges = (shards: readonly AccessShard[]): boolean =>
  shards.some(({ identities }) => identities.some(([, kind]) => kind === "e"));

/** As the broker asks it: publishes and wills are one question, deliveries of every kind the other. */
const brokerOf = (shards: readonly AccessShard[]) => {
  const policy = compileAccess(shards);
  const authorize = authorizer({
    policy: () => policy,
    onError: (error) => {
      throw error;
    },
  });
  return {
    writes: (name: string, topic: string) => authorize(name, "mayPublish", topic),
    reads: (name: string, topic: string) => authorize(name, "mayReceive", topic),
  };
};

/** The same document with the shared reads taken away. */
const ownReads = (shards: readonly AccessShard[]): readonly AccessShard[] =>
  shards.map((shard) => ({
    ...shard,
    roles: Object.fromEntries(
      Object.entries(shard.roles).map(([id, role]) => [id, { ...role, subscribe: role.subscribe.filter(isOwnFilter) }]),
    ),
  }));

const RUNS = Number(process.env["DMZ_PROOF_RUNS"] ?? 1_500);

test("the proof's answer is what the broker's compiled matcher does with every topic", () => {
  let violated = 0;
  fc.assert(
    fc.property(documents.filter(hasEdges), (shards) => {
      const document = documentOf(shards);
      const { writes, reads } = brokerOf(shards);
      const own = brokerOf(ownReads(shards)).reads;
      const expected = [shared(shards, writes, writes), shared(shards, writes, reads), shared(shards, reads, own)];
      const verdicts = [edgeWritesApart, edgesExchangeNothing, edgeCommandsPrivate].map(({ check }) =>
        check({ document }),
      );
      expect(verdicts.map(answerOf)).toEqual(expected);
      violated += expected.filter(Boolean).length;
    }),
    { numRuns: RUNS },
  );
  // Both answers must have come up often, or the comparison says little.
  expect(violated).toBeGreaterThan(RUNS / 5);
  expect(violated).toBeLessThan(RUNS * 3 - RUNS / 5);
});

test("every witness topic works in the broker, for both identities", () => {
  fc.assert(
    fc.property(documents.filter(hasEdges), (shards) => {
      const { writes, reads } = brokerOf(shards);
      const verdict = edgesExchangeNothing.check({ document: documentOf(shards) });
      if (verdict.answer !== "VIOLATED") return;
      for (const { path, target } of verdict.counterexamples) {
        const [writer, reader] = path.map(({ at }) => /identity "([^"]*)"/.exec(at)?.[1] ?? "");
        expect([writes(writer!, target), reads(reader!, target), writer === reader]).toEqual([true, true, false]);
      }
    }),
    { numRuns: RUNS },
  );
});

test("a walk through the trie finds what asking every filter finds", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(filters, fc.nat(2)), { maxLength: 8 }), filters, fc.nat(2), (list, filter, owner) => {
      const trie = new FilterTrie();
      for (const [other, of] of list) trie.add({ owner: of, filter: other });
      const asked = list.some(([other, of]) => of !== owner && intersects(other, filter) !== undefined);
      expect(reaches(trie, filter, owner)).toBe(asked);
    }),
    { numRuns: RUNS * 2 },
  );
});

test("a grant is idle exactly when no other identity may do the opposite with any of its topics", () => {
  fc.assert(
    fc.property(documents, (shards) => {
      const document = documentOf(shards);
      const of = (right: "publish" | "subscribe") =>
        document.identities.flatMap(({ name, role, roleId }) =>
          (role?.[right] ?? []).map((written) => ({ name, roleId, written, filter: written.replace("{id}", name) })),
        );
      const [writes, reads] = [of("publish"), of("subscribe")];
      const idle = (mine: typeof writes, theirs: typeof writes, right: string) =>
        mine
          .filter((x) => !theirs.some((y) => x.name !== y.name && intersects(x.filter, y.filter) !== undefined))
          .map(({ roleId, written }) => `${right} ${roleId} ${written}`);
      const expected = new Set([...idle(writes, reads, "publish"), ...idle(reads, writes, "subscribe")]);
      expect(idleGrants(document).length).toBe(expected.size);
    }),
    { numRuns: RUNS },
  );
});
