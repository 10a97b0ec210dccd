import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { SubscriptionTrie } from "../../../broker/src/delivery/subscription-trie";
import { TopicTree } from "../../../broker/src/delivery/topic-tree";
import type { Qos } from "../../../broker/src/mqtt/packet";
import { matches } from "../../../policy/topic-filter";

const level = fc.constantFrom("a", "b", "", "$s");
const topic = fc
  .array(level, { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join("/"))
  .filter((text) => text !== "");
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 3 }), fc.constantFrom("#", "a", "+", "", undefined))
  .map(([levels, last]) => (last === undefined ? levels : [...levels, last]).join("/"))
  .filter((text) => text !== "");
const qos = fc.constantFrom<Qos>(0, 1, 2);

test("subscriptions match as the one topic algebra says, each client once, at its highest QoS", () => {
  const change = fc.record({ filter, who: fc.constantFrom("x", "y", "z"), qos, remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), topic, (changes, name) => {
      const trie = new SubscriptionTrie<string>();
      const model = new Map<string, Map<string, Qos>>();
      for (const { filter: text, who, qos: granted, remove } of changes) {
        const own = model.get(who) ?? new Map<string, Qos>();
        model.set(who, own);
        if (remove) {
          trie.delete(text, who);
          own.delete(text);
        } else {
          trie.set(text, who, granted);
          own.set(text, granted);
        }
      }
      const expected = [...model].flatMap(([who, own]) => {
        const hits = [...own].filter(([text]) => matches(text, name)).map(([, granted]) => granted);
        return hits.length > 0 ? [[who, Math.max(...hits)]] : [];
      });
      expect(Object.fromEntries(trie.match(name))).toEqual(Object.fromEntries(expected));
      for (const [who, own] of model) for (const text of own.keys()) trie.delete(text, who);
      expect(trie.levels).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test("retained topics are found as the one topic algebra says", () => {
  const change = fc.record({ topic, remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), filter, (changes, text) => {
      const tree = new TopicTree<string>();
      const model = new Set<string>();
      for (const { topic: name, remove } of changes) {
        if (remove) {
          tree.delete(name);
          model.delete(name);
        } else {
          tree.set(name, name);
          model.add(name);
        }
      }
      expect([...tree.match(text).found].sort()).toEqual([...model].filter((name) => matches(text, name)).sort());
      expect(tree.size).toBe(model.size);
    }),
    { numRuns: 500 },
  );
});
