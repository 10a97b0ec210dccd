import { IDENTITY_NAME_RULE, isIdentityName } from "../../policy/identity-name";
import { intersects } from "../../policy/topic-filter";
import type { Counterexample, Property } from "../verdict";
import type { AccessIdentity } from "./access-document";
import type { AccessInput } from "./access-input";
import { grantedFilters, isOwnFilter } from "./granted-filters";

/** What the name does to the identity's own filters: a neighbour's topic if there is one, otherwise any. */
const witness = (identity: AccessIdentity, others: readonly AccessIdentity[]): string => {
  for (const right of ["publish", "subscribe"] as const)
    for (const filter of grantedFilters(identity, right, "own")) {
      for (const other of others)
        if (other !== identity && other.roleId === identity.roleId)
          for (const theirs of grantedFilters(other, right, "own")) {
            const topic = intersects(filter, theirs);
            if (topic !== undefined) return topic;
          }
      return filter;
    }
  return identity.name;
};

export const namesAreOneLevel: Property<AccessInput> = {
  id: "names-are-one-topic-level",
  what: "Every identity's name is one plain topic level: no '/', '+' or '#', and nothing else that a topic, a folder or a certificate reads differently.",
  why: "A name stands in for {id} in every filter of its role: a device that is called '+' has the topics of all its neighbours.",
  promises: ["P4", "P5"],
  controls: ["M0813", "SR 1.2", "IA-3"],
  check: ({ document: { identities } }) => {
    const sound = identities.filter(({ name }) => isIdentityName(name)).slice(0, 1000);
    const counterexamples = identities
      .filter(({ name }) => !isIdentityName(name))
      .slice(0, 20)
      .map((identity): Counterexample => {
        const filters = [...(identity.role?.publish ?? []), ...(identity.role?.subscribe ?? [])].filter(isOwnFilter);
        const becomes =
          filters.length === 0
            ? ""
            : `; "${filters[0]}" becomes "${grantedFilters({ ...identity, role: { ...identity.role!, publish: filters } }, "publish")[0]}"`;
        return {
          source: `"${identity.name}" (${identity.kind} identity)`,
          target: witness(identity, sound),
          path: [{ at: identity.at, says: `${IDENTITY_NAME_RULE}${becomes}` }],
        };
      });
    return counterexamples.length > 0
      ? { answer: "VIOLATED", counterexamples }
      : identities.length === 0
        ? { answer: "UNPROVEN", reasons: [{ at: "access document", says: "it has no identity to look at" }] }
        : { answer: "PROVEN", checked: identities.length, says: "every name is one plain topic level" };
  },
};
