import { NFPROTO } from "./fields";
import { IntervalSet } from "../interval-set";
import { evaluateBase, split } from "./evaluate-chain";
import { type Packets, region } from "./packets";
import type { Chain, Family, Ruleset } from "./ruleset";

/** Where conntrack looks at a packet first (`NF_IP_PRI_CONNTRACK`). */
const CONNTRACK = -200;

const FAMILY_SEES = { ip: IntervalSet.just(NFPROTO.ipv4), ip6: IntervalSet.just(NFPROTO.ipv6) } as const;

/** Which packets a family's chains see. */
const seenBy = (family: Family) => region(family === "ip" || family === "ip6" ? { nfproto: FAMILY_SEES[family] } : {});

/** Base chains at a hook in the order in which the kernel calls them; of equals, one that rewrites comes first. */
const chainsAt = (ruleset: Ruleset, hook: string, families: readonly Family[]): readonly Chain[] =>
  [...ruleset.chains.values()]
    .filter((chain) => chain.hook?.name === hook && families.includes(chain.family))
    .sort(
      (a, b) => a.hook!.priority - b.hook!.priority || Number(b.hook!.type === "nat") - Number(a.hook!.type === "nat"),
    );

export interface Passed {
  readonly packets: readonly Packets[];
  readonly diverted: readonly Packets[];
}

/**
 * A packet goes on only if every base chain at the hook lets it: `accept` ends one chain's evaluation, not the next
 * one's. A hook without a chain lets everything pass.
 */
export const passHook = (
  ruleset: Ruleset,
  hook: string,
  families: readonly Family[],
  packets: readonly Packets[],
): Passed => {
  const diverted: Packets[] = [];
  let current = packets;
  for (const chain of chainsAt(ruleset, hook, families)) {
    const tracked =
      hook === "input" || hook === "forward" || hook === "postrouting" || chain.hook!.priority > CONNTRACK;
    const { inside, outside } = split(current, [seenBy(chain.family)]);
    const passage = evaluateBase({ ruleset, chain, tracked: tracked && chain.family !== "bridge" }, inside);
    diverted.push(...passage.diverted);
    current = [...outside, ...passage.accepted];
  }
  return { packets: current, diverted };
};

/**
 * Chains on a device see packets before everything else. Which device is not in every version's output, so they are
 * taken to drop nothing; what they send elsewhere counts.
 */
export const passDevice = (ruleset: Ruleset, hook: "ingress" | "egress", packets: readonly Packets[]): Passed => {
  const diverted: Packets[] = [];
  const rewritten: Packets[] = [];
  for (const chain of chainsAt(ruleset, hook, ["netdev", "inet"])) {
    const passage = evaluateBase({ ruleset, chain, tracked: false }, packets);
    diverted.push(...passage.diverted);
    rewritten.push(...passage.accepted.filter((each) => each.rewritten !== undefined));
  }
  return { packets: [...packets, ...rewritten], diverted };
};
