import type { Step } from "../verdict";
import { type Packets, type Region, within, withoutAll } from "./packets";
import { mapEntries, matching, type Place } from "./matching";
import { mangled, translatedFrom, translatedTo } from "./rewriting";
import { ruleText } from "./rule-text";
import type { Json, JsonObject, Rule } from "./ruleset";
import { IntervalSet } from "../interval-set";
import { type Field, NFPROTO, STATE } from "./fields";

/** What becomes of packets in a chain; those that are in neither list were dropped. */
export interface Passage {
  readonly accepted: readonly Packets[];
  /** They reached the end, or a `return`. */
  readonly fell: readonly Packets[];
  /** A rule sent them, or a copy, out by another way than the hooks. */
  readonly diverted: readonly Packets[];
}

/** Too many cases: nothing is proven then. */
export class TooManyCases extends Error {}

const MOST_CASES = 50_000;

/** IANA's number. */
const TCP = 6;
const DEEPEST = 64;

/** Statements without which a rule does nothing to a packet, and that do nothing by themselves. */
const IDLE = new Set(["counter", "log", "comment", "ct timeout", "secmark", "last"]);
/** Whoever sends enough packets gets both answers: a set may be full, or count. */
const CHANCE = new Set(["limit", "quota", "ct count", "set", "map", "meter"]);
/** Bookkeeping that packets carry: what a later rule concludes from it is not understood there. */
const MARKS = new Set(["mark", "nftrace", "priority", "secmark", "event", "label", "zone"]);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Collects while a chain is walked. */
interface Sink {
  readonly accepted: Packets[];
  readonly returned: Packets[];
  readonly diverted: Packets[];
}

const doubtful = (packets: readonly Packets[], doubt: Step): Packets[] =>
  packets.map((each) => ({ ...each, doubts: [...each.doubts, doubt] }));

export const split = (
  packets: readonly Packets[],
  regions: readonly Region[],
): { inside: Packets[]; outside: Packets[] } => ({
  inside: packets.flatMap((each) =>
    regions.flatMap((other) => {
      const fields = within(each.fields, other);
      return fields === undefined ? [] : [{ ...each, fields }];
    }),
  ),
  outside: packets.flatMap((each) => withoutAll(each.fields, regions).map((fields) => ({ ...each, fields }))),
});

/** `mark` of `meta mark` and `ct mark`. */
const markOf = (key: Json | undefined): string => {
  const inner = isObject(key) ? (key["meta"] ?? key["ct"]) : undefined;
  return isObject(inner) ? String(inner["key"]) : "";
};

/** An answer of one protocol goes to packets of that protocol alone: nft leaves out of its list the match that says so. */
const answerable = (reject: Json | undefined): readonly Region[] => {
  const type = isObject(reject) ? reject["type"] : undefined;
  if (type === "icmp") return [new Map([["nfproto", IntervalSet.just(NFPROTO.ipv4)]])];
  if (type === "icmpv6") return [new Map([["nfproto", IntervalSet.just(NFPROTO.ipv6)]])];
  return [type === "tcp reset" ? new Map([["l4proto", IntervalSet.just(TCP)]]) : new Map<Field, IntervalSet>()];
};

const applyVerdict = (
  verdict: JsonObject,
  packets: readonly Packets[],
  place: Place,
  sink: Sink,
  depth: number,
): Packets[] => {
  const [[kind, value] = ["", null]] = Object.entries(verdict);
  switch (kind) {
    case "accept":
      sink.accepted.push(...packets);
      return [];
    case "drop":
      return [];
    case "continue":
      return [...packets];
    case "return":
      sink.returned.push(...packets);
      return [];
    case "jump":
    case "goto": {
      const target = isObject(value)
        ? place.ruleset.chains.get(`${place.chain.family} ${place.chain.table} ${String(value["target"])}`)
        : undefined;
      if (target === undefined || depth > DEEPEST) {
        sink.accepted.push(...doubtful(packets, { at: place.chain.at, says: "jumps to a chain that is not there" }));
        return [];
      }
      const { accepted, fell, diverted } = evaluateChain({ ...place, chain: target }, packets, depth + 1);
      sink.accepted.push(...accepted);
      sink.diverted.push(...diverted);
      if (kind === "jump") return [...fell];
      sink.returned.push(...fell);
      return [];
    }
    default: {
      // Somebody else decides, or something that we do not know: either way it may go on.
      const open = doubtful(packets, { at: place.chain.at, says: `'${kind}' is not understood` });
      sink.accepted.push(...open);
      return open;
    }
  }
};

const applyRule = (rule: Rule, packets: readonly Packets[], place: Place, sink: Sink, depth: number): Packets[] => {
  const acts = rule.expr.some((statement) => {
    const kind = Object.keys(statement)[0] ?? "";
    return kind !== "match" && !IDLE.has(kind) && !CHANCE.has(kind);
  });
  if (!acts) return [...packets];
  const step: Step = { at: rule.at, says: ruleText(rule) };
  let on: Packets[] = packets.map((each) => ({ ...each, trail: [...each.trail, step] }));
  const off: Packets[] = [];
  /** What goes on to the next rule did not take this one. */
  const pass = (list: readonly Packets[]): void => {
    for (const each of list) off.push({ ...each, trail: each.trail.filter((taken) => taken !== step) });
  };
  for (const statement of rule.expr) {
    const [[kind, value] = ["", null]] = Object.entries(statement);
    const doubt: Step = { at: rule.at, says: `"${ruleText({ ...rule, expr: [statement] })}" is not understood` };
    if (on.length === 0) break;
    if (IDLE.has(kind)) continue;
    if (CHANCE.has(kind)) pass(on);
    else if (kind === "match" && isObject(value)) {
      const regions = matching(value, place);
      if (regions === undefined) {
        on = doubtful(on, doubt);
        pass(on);
      } else {
        const { inside, outside } = split(on, regions);
        pass(outside);
        on = inside;
      }
    } else if (kind === "vmap" && isObject(value)) {
      const entries = mapEntries(value, place);
      if (entries === undefined) {
        sink.accepted.push(...doubtful(on, doubt));
        pass(doubtful(on, doubt));
      } else {
        for (const { regions, verdict } of entries)
          pass(applyVerdict(verdict, split(on, regions).inside, place, sink, depth));
        pass(
          split(
            on,
            entries.flatMap(({ regions }) => regions),
          ).outside,
        );
      }
      on = [];
    } else if (kind === "mangle" && isObject(value)) {
      const { key } = value;
      // What a TCP header's options say opens nothing.
      const plain = MARKS.has(markOf(key)) || (isObject(key) && "tcp option" in key);
      if (!plain) on = on.map((each) => mangled(each, value, step) ?? { ...each, doubts: [...each.doubts, doubt] });
    } else if (kind === "dnat" || kind === "redirect") {
      sink.accepted.push(...on.map((each) => translatedTo(each, value, step)));
      on = [];
    } else if (kind === "tproxy") {
      // It chooses the socket and changes nothing in the packet.
      on = on.map((each) => ({ ...each, rewritten: step }));
    } else if (kind === "snat" || kind === "masquerade") {
      sink.accepted.push(...on.map((each) => translatedFrom(each, value)));
      on = [];
    } else if (kind === "notrack") {
      // Too late where conntrack has seen the packet.
      if (!place.tracked)
        on = on.map((each) => ({
          ...each,
          fields: new Map(each.fields).set("state", IntervalSet.just(STATE.untracked)),
        }));
    } else if (kind === "fwd" || kind === "dup") {
      sink.diverted.push(...on);
      if (kind === "fwd") on = [];
    } else if (kind === "reject") {
      pass(split(on, answerable(value)).outside);
      on = [];
    } else if (["accept", "drop", "continue", "return", "jump", "goto"].includes(kind)) {
      pass(applyVerdict(statement, on, place, sink, depth));
      on = [];
    } else {
      sink.accepted.push(...doubtful(on, doubt));
      on = doubtful(on, doubt);
    }
    if (on.length + off.length + sink.accepted.length > MOST_CASES) throw new TooManyCases(rule.at);
  }
  pass(on);
  return off;
};

/** Every rule in order, jumps and all, over packets as regions. */
export function evaluateChain(place: Place, packets: readonly Packets[], depth = 0): Passage {
  const sink: Sink = { accepted: [], returned: [], diverted: [] };
  let current: Packets[] = [...packets];
  for (const rule of place.chain.rules) current = applyRule(rule, current, place, sink, depth);
  return { accepted: sink.accepted, fell: [...current, ...sink.returned], diverted: sink.diverted };
}

/** A base chain as its hook calls it: what falls through meets the policy. */
export const evaluateBase = (place: Place, packets: readonly Packets[]): Passage => {
  const { accepted, fell, diverted } = evaluateChain(place, packets);
  const { chain } = place;
  if (chain.hook?.policy === "drop") return { accepted, fell: [], diverted };
  const step: Step = { at: chain.at, says: "policy accept" };
  return {
    accepted: [...accepted, ...fell.map((each) => ({ ...each, trail: [...each.trail, step] }))],
    fell: [],
    diverted,
  };
};
