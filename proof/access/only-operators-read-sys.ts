import { intersects } from "../../policy/topic-filter";
import type { Counterexample, Property } from "../verdict";
import type { AccessInput } from "./access-input";
import { grantedFilters } from "./granted-filters";

/** The one role that reads what the broker says about itself. */
export const OPERATOR = "operator";

/** A leading wildcard does not reach them [MQTT-4.7.2-1]. */
const reachesServerTopics = (filter: string): boolean => filter.startsWith("$");

export const onlyOperatorsReadSys: Property<AccessInput> = {
  id: "only-operators-read-sys",
  what: "Only enterprise identities of the operator role can read topics that begin with '$', such as $SYS, and nobody can write one.",
  why: "The broker tells there who is connected and what is wrong: a map for an attacker; what is written there would pass for the broker's word.",
  promises: ["P5"],
  controls: ["M0942", "M0928", "SR 7.7", "CM-7"],
  check: ({ document: { identities } }) => {
    const counterexamples = identities.flatMap((identity): readonly Counterexample[] => {
      const { name, kind, roleId, at } = identity;
      const operator = roleId === OPERATOR && kind === "enterprise";
      const wrong = (["publish", "subscribe"] as const).flatMap((right) =>
        right === "subscribe" && operator
          ? []
          : grantedFilters(identity, right)
              .filter(reachesServerTopics)
              .map((filter) => ({ right, filter })),
      );
      return wrong.slice(0, 1).map(({ right, filter }) => ({
        source: `${name} (${kind} identity)`,
        target: intersects(filter, "$SYS/#") ?? intersects(filter, filter) ?? filter,
        path: [{ at, says: `may ${right} "${filter}", and its role is "${roleId}"` }],
      }));
    });
    return counterexamples.length > 0
      ? { answer: "VIOLATED", counterexamples: counterexamples.slice(0, 20) }
      : identities.length === 0
        ? { answer: "UNPROVEN", reasons: [{ at: "access document", says: "it has no identity to look at" }] }
        : {
            answer: "PROVEN",
            checked: identities.length,
            says: "nobody but operators reads a topic of the broker's own",
          };
  },
};
