import type { Property } from "../verdict";
import type { AccessInput } from "./access-input";

export const everyGrantHasAUser: Property<AccessInput> = {
  id: "every-grant-has-a-user",
  what: "Every role of the access document is the role of an identity in the same shard, and grants something.",
  why: "A grant that nobody uses is one that nobody misses when it is abused: the next identity that is given it has rights that nobody meant.",
  promises: ["P5"],
  controls: ["M0801", "SR 2.1", "AC-6"],
  check: ({ document: { roles, identities } }) => {
    const used = new Set(identities.map(({ role }) => role));
    const counterexamples = roles.flatMap((role) => {
      const empty = role.publish.length + role.subscribe.length === 0;
      if (used.has(role) && !empty) return [];
      const says = empty ? "grants nothing" : "is no identity's role";
      const target = role.publish[0] ?? role.subscribe[0] ?? role.id;
      return [{ source: "whoever is given the role next", target, path: [{ at: role.at, says }] }];
    });
    return counterexamples.length > 0
      ? { answer: "VIOLATED", counterexamples: counterexamples.slice(0, 20) }
      : roles.length === 0
        ? { answer: "UNPROVEN", reasons: [{ at: "access document", says: "it has no role to look at" }] }
        : { answer: "PROVEN", checked: roles.length, says: "every role is some identity's" };
  },
};
