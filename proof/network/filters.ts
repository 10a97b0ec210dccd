import type { Step } from "../verdict";
import { HeaderSet, type Packet } from "./header-set";
import type { Acl, AclRule, GroupRule, NetworkNode } from "./network";

/** Which way a packet goes through a filter: the peer's address is its source on the way in. */
export type Side = "ingress" | "egress";
const peerField = { ingress: "source", egress: "destination" } as const;

/** Who is at the other end. */
export interface Peer {
  /** Addresses of the groups that it wears. */
  readonly groups: ReadonlySet<string>;
  /** Whether it may wear a group that is not of this network, by the group's address. */
  readonly foreign?: (group: string) => boolean;
}

export const STRANGER: Peer = { groups: new Set() };

const aclSets = new WeakMap<Acl, Partial<Record<Side, HeaderSet>>>();

/** What a network ACL lets through, rule by rule in their order. */
export function aclSet(acl: Acl, side: Side): HeaderSet {
  const known = aclSets.get(acl) ?? {};
  aclSets.set(acl, known);
  return (known[side] ??= computeAcl(acl[side], peerField[side]));
}

function computeAcl(rules: readonly AclRule[], peer: "source" | "destination"): HeaderSet {
  let undecided = HeaderSet.ALL;
  const allowed: HeaderSet[] = [];
  for (const { allow, protocol, port, may, must } of rules) {
    if (allow) allowed.push(undecided.intersect(HeaderSet.of({ [peer]: may, protocol, port })));
    undecided = undecided.subtract(HeaderSet.of({ [peer]: must, protocol, port }));
  }
  return HeaderSet.union(allowed);
}

/** The rule by which an ACL lets a packet through. */
export function aclStep(acl: Acl, side: Side, packet: Packet): Step {
  const peer = peerField[side];
  const rule = acl[side].find(
    ({ allow, protocol, port, may }) =>
      allow && protocol.has(packet.protocol) && port.has(packet.port) && may.has(packet[peer]),
  );
  const way = side === "ingress" ? "inbound" : "outbound";
  return { at: rule?.at ?? acl.address, says: `its ${way} ${rule?.says ?? "rules let it through"}` };
}

/** What the groups of a node let through: each of their rules adds to it. */
export function groupSet(groups: NetworkNode["groups"], side: Side, peer: Peer): HeaderSet {
  if (groups === "unfiltered") return HeaderSet.ALL;
  return HeaderSet.union(groups.flatMap((group) => group[side].map((rule) => ruleSet(rule, side, peer))));
}

function ruleSet(rule: GroupRule, side: Side, peer: Peer): HeaderSet {
  const { protocol, port } = rule;
  if (matchesGroup(rule, peer)) return HeaderSet.of({ protocol, port });
  return HeaderSet.of({ protocol, port, [peerField[side]]: rule.ranges });
}

function matchesGroup({ groups }: GroupRule, { groups: worn, foreign }: Peer): boolean {
  for (const named of groups) if (worn.has(named) || foreign?.(named)) return true;
  return false;
}

/** The rule by which groups let a packet through. */
export function groupStep(node: NetworkNode, side: Side, peer: Peer, packet: Packet): Step {
  const way = side === "ingress" ? "lets in" : "lets out";
  if (node.groups === "unfiltered") return { at: node.at, says: "has no security group: nothing filters" };
  for (const group of node.groups)
    for (const rule of group[side])
      if (ruleSet(rule, side, peer).has(packet))
        return { at: rule.at, says: `${way} ${rule.says}${rule.at === group.address ? "" : ` (of ${group.address})`}` };
  return { at: node.at, says: `its groups ${way} it` };
}
