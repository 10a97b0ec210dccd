import { compileAccess } from "../../policy/compile-access";
import type { Property } from "../verdict";
import type { AccessInput } from "./access-input";

export const brokerWillLoadIt: Property<AccessInput> = {
  id: "broker-will-load-the-access-document",
  what: "The shards are complete and consistent: the broker's own compiler takes them, and denies an identity that is not in them.",
  why: "A document that the broker refuses leaves the former one in force: a grant that was taken away goes on to hold.",
  promises: ["P5"],
  controls: ["M0801", "SR 2.1", "AC-3"],
  check: ({ document: { shards } }) => {
    try {
      const policy = compileAccess(shards);
      if (policy.mayPublish("~nobody~", "a") || policy.maySubscribe("~nobody~", "a"))
        throw new Error("it lets in an identity that it does not have");
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      const path = [{ at: "access document", says }];
      return {
        answer: "VIOLATED",
        counterexamples: [{ source: "whoever lost a grant by this document", target: "the former grants", path }],
      };
    }
    return { answer: "PROVEN", checked: shards.length, says: "the broker's compiler takes every shard" };
  },
};
