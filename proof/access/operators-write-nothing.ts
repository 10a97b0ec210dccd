import { intersects } from "../../policy/topic-filter";
import type { Property } from "../verdict";
import type { AccessInput } from "./access-input";
import { OPERATOR } from "./only-operators-read-sys";

export const operatorsWriteNothing: Property<AccessInput> = {
  id: "operators-write-nothing",
  what: "The operator role, which reads every topic, can write none.",
  why: "A watching screen stands in offices and on phones; a stolen operator's credential must show the plant, not run it.",
  promises: ["P5"],
  controls: ["M0801", "SR 2.1", "AC-6"],
  check: ({ document: { roles } }) => {
    const counterexamples = roles
      .filter(({ id, publish }) => id === OPERATOR && publish.length > 0)
      .map(({ at, publish }) => ({
        source: "any operator",
        target: intersects(publish[0]!, publish[0]!) ?? publish[0]!,
        path: [{ at, says: `may publish "${publish[0]}"` }],
      }));
    return counterexamples.length > 0
      ? { answer: "VIOLATED", counterexamples }
      : roles.length === 0
        ? { answer: "UNPROVEN", reasons: [{ at: "access document", says: "it has no role to look at" }] }
        : { answer: "PROVEN", checked: roles.length, says: "no operator can publish, and none can leave a will" };
  },
};
