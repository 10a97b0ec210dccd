import { NFPROTO, STATE } from "./fields";
import { IntervalSet } from "../interval-set";
import { evaluateBase, split } from "./evaluate-chain";
import { type Packets, region } from "./packets";
import type { Chain, Family, Ruleset } from "./ruleset";

/** Where conntrack looks at a packet first (`NF_IP_PRI_CONNTRACK`). */
const CONNTRACK = -200;

const FAMILY_SEES = { ip: IntervalSet.just(NFPROTO.ipv4), ip6: IntervalSet.just(NFPROTO.ipv6) } as const;

/** Where the kernel's NAT sits (`NF_IP_PRI_NAT_DST`, `NF_IP_PRI_NAT_SRC`): priorities order its chains among themselves. */
const NAT: Readonly<Record<string, number>> = { prerouting: -100, output: -100, input: 100, postrouting: 100 };
/** NAT asks its chains about the first packet of a flow; what conntrack does not know passes by them. */
const FIRST_OF_A_FLOW = IntervalSet.just(STATE.new, STATE.related);

/** Which packets a chain sees. */
const seenBy = ({ family, hook }: Chain) =>
  region({
    ...(family === "ip" || family === "ip6" ? { nfproto: FAMILY_SEES[family] } : {}),
    ...(hook?.type === "nat" ? { state: FIRST_OF_A_FLOW } : {}),
  });

const priorityOf = ({ hook }: Chain): number =>
  hook!.type === "nat" ? (NAT[hook!.name] ?? hook!.priority) : hook!.priority;

/** Base chains at a hook in the order in which the kernel calls them. */
const chainsAt = (ruleset: Ruleset, hook: string, families: readonly Family[]): readonly Chain[] =>
  [...ruleset.chains.values()]
    .filter((chain) => chain.hook?.name === hook && families.includes(chain.family))
    .sort((a, b) => priorityOf(a) - priorityOf(b) || a.hook!.priority - b.hook!.priority);

const REWRITES = new Set(["dnat", "redirect", "tproxy", "snat", "masquerade", "mangle", "notrack"]);
const rewrites = (ruleset: Ruleset, { family, table }: Chain): boolean =>
  [...ruleset.chains.values()].some(
    (chain) =>
      chain.family === family &&
      chain.table === table &&
      chain.rules.some(({ expr }) =>
        expr.some((statement) => Object.keys(statement).some((kind) => REWRITES.has(kind))),
      ),
  );

/**
 * The orders in which chains may run: of equal priority, the one that was made last runs first, which a ruleset does not
 * tell. Where none of them rewrites it makes no difference.
 */
const ordersOf = (ruleset: Ruleset, chains: readonly Chain[]): readonly (readonly Chain[])[] => {
  const groups = new Map<number, Chain[]>();
  for (const chain of chains) {
    const group = groups.get(priorityOf(chain));
    if (group) group.push(chain);
    else groups.set(priorityOf(chain), [chain]);
  }
  const mixed = [...groups.values()].some(
    (group) => group.length > 1 && group.some((chain) => rewrites(ruleset, chain)),
  );
  return mixed ? [chains, [...groups.values()].flatMap((group) => group.toReversed())] : [chains];
};

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
  const ways = ordersOf(ruleset, chainsAt(ruleset, hook, families)).map((chains) =>
    passInOrder(ruleset, hook, chains, packets),
  );
  return { packets: ways.flatMap((way) => way.packets), diverted: ways.flatMap((way) => way.diverted) };
};

const passInOrder = (ruleset: Ruleset, hook: string, chains: readonly Chain[], packets: readonly Packets[]): Passed => {
  const diverted: Packets[] = [];
  let current = packets;
  for (const chain of chains) {
    const tracked = hook === "input" || hook === "forward" || hook === "postrouting" || priorityOf(chain) > CONNTRACK;
    const { inside, outside } = split(current, [seenBy(chain)]);
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
    rewritten.push(...passage.accepted.filter((each) => each.rewritten ?? each.touched));
  }
  return { packets: [...packets, ...rewritten], diverted };
};
