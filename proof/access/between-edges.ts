import type { Counterexample, Step, Verdict } from "../verdict";
import type { AccessDocument, AccessIdentity } from "./access-document";
import type { FilterTrie, Grant } from "./filter-trie";
import { sharedTopics } from "./shared-topics";

/** More would not help whoever has to mend it. */
const LIMIT = 20;

/** A filter this long could meet another only in topics that are too long to exist, which the walk does not count. */
const LONGEST = 32_000;

const VERB = { publish: "may publish", subscribe: "may subscribe" } as const;

export interface BetweenEdgesProps {
  readonly left: FilterTrie;
  readonly leftRight: "publish" | "subscribe";
  readonly right: FilterTrie;
  readonly rightRight: "publish" | "subscribe";
  /** What a common topic means: "can write what gw-2 writes". */
  readonly means: (left: string, right: string) => string;
  readonly says: string;
}

/** "For any two edge identities", over all of them at once. */
export const betweenEdges = (document: AccessDocument, props: BetweenEdgesProps): Verdict => {
  const { identities } = document;
  const edges = identities.filter(({ kind }) => kind === "edge");
  const long = edges.find(({ role }) =>
    [...(role?.publish ?? []), ...(role?.subscribe ?? [])].some((filter) => filter.length > LONGEST),
  );
  if (long !== undefined) return unproven({ at: long.at, says: `has a filter longer than ${LONGEST} characters` });
  const { found, gaveUp } = sharedTopics(props.left, props.right, LIMIT);
  const counterexamples = found.map(({ left, right, witness }): Counterexample => {
    const [x, y] = [identities[left.owner]!, identities[right.owner]!];
    return {
      source: `${x.name} (edge identity)`,
      target: witness,
      path: [
        grantStep(x, left, props.leftRight),
        grantStep(y, right, props.rightRight),
        { at: witness, says: props.means(x.name, y.name) },
      ],
    };
  });
  if (counterexamples.length > 0) return { answer: "VIOLATED", counterexamples };
  if (gaveUp)
    return unproven({
      at: "access document",
      says: "too many wildcards before the names to look at every pair of filters",
    });
  if (edges.length === 0) return unproven({ at: "access document", says: "it has no edge identity to look at" });
  return { answer: "PROVEN", checked: edges.length, says: props.says };
};

const unproven = (reason: Step): Verdict => ({ answer: "UNPROVEN", reasons: [reason] });

const grantStep = ({ at, roleId }: AccessIdentity, { filter }: Grant, right: "publish" | "subscribe"): Step => ({
  at,
  says: `${VERB[right]} "${filter}" (role "${roleId}")`,
});
