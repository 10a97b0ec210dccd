import { renderShard } from "../../policy/derive-access";
import type { AccessShard } from "../../policy/access-document";
import type { Property } from "../verdict";
import type { AccessInput } from "./access-input";

const bySite = (shards: readonly AccessShard[]): ReadonlyMap<string, string> =>
  new Map(shards.map((shard) => [`${shard.site}/access/${shard.shard}`, renderShard(shard)]));

export const documentIsTheDeclaredOne: Property<AccessInput> = {
  id: "access-document-is-the-declared-one",
  what: "The document that will be deployed is, value for value, what the site's declaration derives.",
  why: "People review the declaration; what is deployed beside it was reviewed by nobody.",
  promises: ["P5"],
  controls: ["M0945", "SR 3.4", "SI-7"],
  check: ({ document, declared = [] }) => {
    if (declared.length === 0)
      return { answer: "UNPROVEN", reasons: [{ at: "site", says: "there is no declaration to compare with" }] };
    const [have, want] = [bySite(document.shards), bySite(declared)];
    const names = [...new Set([...have.keys(), ...want.keys()])].filter((name) => have.get(name) !== want.get(name));
    const found = (name: string): string =>
      !have.has(name) ? "is declared and would not be deployed" : !want.has(name) ? "is not declared" : "differs";
    return names.length === 0
      ? { answer: "PROVEN", checked: want.size, says: "every shard is the declared one" }
      : {
          answer: "VIOLATED",
          counterexamples: names.slice(0, 20).map((name) => ({
            source: "whoever the difference serves",
            target: name,
            path: [{ at: name, says: found(name) }],
          })),
        };
  },
};
