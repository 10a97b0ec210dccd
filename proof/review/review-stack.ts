import type { AccessDocument } from "../access/access-document";
import { type MonthlyCost, monthlyCost } from "../cost/monthly-cost";
import type { Facts } from "../facts/facts";
import type { IntervalSet } from "../interval-set";
import { INTERNET } from "../network/addresses";
import { showConduits, type ShownConduit } from "../network/show-conduits";
import type { Acl } from "../network/network";
import type { NetworkInput } from "../network/network-input";
import type { Proof, Verdict } from "../verdict";
import { type AccessChanges, compareAccess } from "./compare-access";
import { compareResources, type ResourceChange } from "./compare-resources";

/** One stack as it is at one commit. */
export interface Side {
  readonly facts: Facts;
  /** Undefined: the stack has none. */
  readonly network: NetworkInput | undefined;
  /** Undefined: the stack deploys none. */
  readonly access: AccessDocument | undefined;
  /** Each with who may read it: `riverside/ca: riverside-ca-rotate`. */
  readonly readers: readonly string[];
  readonly proofs: readonly Proof[];
}

/** What is on one side alone. */
export interface Difference {
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** What a change does to one stack. */
export interface StackReview {
  readonly stack: string;
  /** Does it come with the change, go with it, or stay? */
  readonly existence: "new" | "gone" | "kept";
  /** What the internet reaches: `aws_lb.x: tcp 443`. */
  readonly sockets: Difference;
  /** `tasks → store: tcp 2049` */
  readonly conduits: Difference;
  /**
   * Rules of security groups and network ACLs that let addresses of the internet in, also where nothing listens today:
   * `aws_security_group.x: tcp 22 with 0.0.0.0/0`.
   */
  readonly filters: Difference;
  readonly access: AccessChanges;
  readonly readers: Difference;
  readonly resources: readonly ResourceChange[];
  readonly cost: { readonly base: MonthlyCost; readonly head: MonthlyCost };
  /** Of the head, each with the answer that it had before, if it was asked. Empty when the stack is gone. */
  readonly verdicts: readonly { readonly proof: Proof; readonly before: Verdict["answer"] | undefined }[];
}

const NO_FACTS: Facts = {
  source: "synth",
  resources: [],
  byAddress: new Map(),
  unread: [],
  changes: new Map(),
  places: [],
};
const NO_DOCUMENT: AccessDocument = { shards: [], roles: [], identities: [] };

/** Compares a stack before and after a change; a side is undefined where the stack does not exist. */
export const reviewStack = (stack: string, base: Side | undefined, head: Side | undefined): StackReview => {
  const [before, after] = [base?.facts ?? NO_FACTS, head?.facts ?? NO_FACTS];
  return {
    stack,
    existence: base === undefined ? "new" : head === undefined ? "gone" : "kept",
    sockets: difference(sockets(base), sockets(head)),
    conduits: difference(conduits(base), conduits(head)),
    filters: filterDifference(base, head),
    access: compareAccess(base?.access ?? NO_DOCUMENT, head?.access ?? NO_DOCUMENT),
    readers: difference(base?.readers ?? [], head?.readers ?? []),
    resources: compareResources(before, after),
    cost: { base: monthlyCost(before), head: monthlyCost(after) },
    verdicts: (head?.proofs ?? []).map((proof) => ({
      proof,
      before: base?.proofs.find(({ id }) => id === proof.id)?.verdict.answer,
    })),
  };
};

const difference = (before: readonly string[], after: readonly string[]): Difference => {
  const [was, is] = [new Set(before), new Set(after)];
  return { gained: [...is].filter((one) => !was.has(one)), lost: [...was].filter((one) => !is.has(one)) };
};

const sockets = (side: Side | undefined): string[] =>
  (side?.network?.flows.internet ?? []).flatMap((flow) =>
    showConduits([flow]).flatMap(({ ports }) => ports.map((port) => `${flow.to}: ${port}`)),
  );

const conduits = (side: Side | undefined): string[] => {
  if (!side?.network) return [];
  const { internet, links, internal } = side.network.flows;
  return showConduits([...internet, ...links, ...internal]).flatMap(({ from, to, ports }: ShownConduit) =>
    ports.map((port) => `${from} → ${to}: ${port}`),
  );
};

/** A rule that stopped somebody and is gone opens as much as a new one that lets him in. */
const filterDifference = (base: Side | undefined, head: Side | undefined): Difference => {
  const rules = difference(filters(base), filters(head));
  const stops = difference(denials(base), denials(head));
  const noMore = (rule: string): string => `${rule}, no more`;
  return { gained: [...rules.gained, ...stops.lost.map(noMore)], lost: [...rules.lost, ...stops.gained] };
};

const letIn = (ranges: IntervalSet): boolean => !ranges.intersect(INTERNET).isEmpty;

const aclsOf = ({ network: { nodes } }: NetworkInput): readonly Acl[] => [
  ...new Map(nodes.map(({ subnet: { acl } }) => [acl.address, acl])).values(),
];

/** Of network ACLs: what they keep out of the internet, before later rules that may let it in. */
const denials = (side: Side | undefined): string[] =>
  !side?.network
    ? []
    : aclsOf(side.network).flatMap(({ address, ingress }) =>
        ingress.filter(({ allow, may }) => !allow && letIn(may)).map(({ says }) => `${address}: ${says}`),
      );

const filters = (side: Side | undefined): string[] => {
  if (!side?.network) return [];
  const { groups } = side.network.network;
  return [
    ...[...groups.values()].flatMap(({ address, ingress }) =>
      ingress.filter(({ ranges }) => letIn(ranges)).map(({ says }) => `${address}: ${says}`),
    ),
    ...aclsOf(side.network).flatMap(({ address, ingress }) =>
      ingress.filter(({ allow, may }) => allow && letIn(may)).map(({ says }) => `${address}: ${says}`),
    ),
  ];
};
