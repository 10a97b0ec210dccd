import { topicOutside } from "../../policy/topic-outside";
import type { AccessDocument, AccessIdentity } from "../access/access-document";
import { grantedFilters } from "../access/granted-filters";

const RIGHTS = ["publish", "subscribe"] as const;

/** A right that an identity has on one side and not on the other. */
export interface TopicChange {
  readonly identity: string;
  readonly right: (typeof RIGHTS)[number];
  readonly change: "gains" | "loses";
  /** The filter that brings or brought it, with the name filled in. */
  readonly filter: string;
  /** A topic that it may use on one side and not on the other. */
  readonly witness: string;
}

/** What a change of the access document does to identities, in words that a security reviewer needs. */
export interface AccessChanges {
  readonly added: readonly AccessIdentity[];
  readonly removed: readonly AccessIdentity[];
  /** Identities on both sides that connect otherwise than before: "its certificate is no longer required". */
  readonly connections: readonly { readonly identity: string; readonly says: string }[];
  readonly topics: readonly TopicChange[];
}

/**
 * Compares who may do what. A filter that others cover changes nothing and is not told; what a new identity may do counts
 * as gained. Near-linear: identities whose role says the same on both sides are passed over.
 */
export const compareAccess = (base: AccessDocument, head: AccessDocument): AccessChanges => {
  const [before, after] = [base, head].map(
    ({ identities }) => new Map(identities.map((identity) => [identity.name, identity])),
  ) as [Map<string, AccessIdentity>, Map<string, AccessIdentity>];
  const both = base.identities.flatMap((was) => {
    const is = after.get(was.name);
    return is ? [[was, is] as const] : [];
  });
  const added = head.identities.filter(({ name }) => !before.has(name));
  return {
    added,
    removed: base.identities.filter(({ name }) => !after.has(name)),
    connections: both.flatMap(([was, is]) => connection(was, is).map((says) => ({ identity: is.name, says }))),
    topics: [
      ...added.flatMap((is) => topicChanges(undefined, is)),
      ...both.flatMap(([was, is]) => (sameGrants(was, is) ? [] : topicChanges(was, is))),
    ],
  };
};

const connection = (was: AccessIdentity, is: AccessIdentity): string[] => [
  ...(was.certificate === is.certificate
    ? []
    : [is.certificate === "required" ? "its certificate is required from now on" : "its password alone is enough"]),
  ...(was.kind === is.kind ? [] : [`it was an ${was.kind} identity and is an ${is.kind} one`]),
];

const sameGrants = (was: AccessIdentity, is: AccessIdentity): boolean =>
  RIGHTS.every((right) => was.role?.[right].join("\0") === is.role?.[right].join("\0"));

const topicChanges = (was: AccessIdentity | undefined, is: AccessIdentity): TopicChange[] =>
  RIGHTS.flatMap((right) => {
    const old = was ? grantedFilters(was, right) : [];
    const now = grantedFilters(is, right);
    const differing = (change: TopicChange["change"], filters: readonly string[], others: readonly string[]) =>
      filters.flatMap((filter): TopicChange[] => {
        const witness = topicOutside(filter, others);
        return witness === undefined ? [] : [{ identity: is.name, right, change, filter, witness }];
      });
    return [...differing("gains", now, old), ...differing("loses", old, now)];
  });
