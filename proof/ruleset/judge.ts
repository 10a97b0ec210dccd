import type { Counterexample, Step, Verdict } from "../verdict";
import { TooManyCases } from "./evaluate-chain";
import { type Packets, type Region, withoutAll } from "./packets";
import type { Ruleset } from "./ruleset";
import type { Way } from "./ways";
import { witness } from "./witness";

export interface JudgeProps {
  readonly ruleset: Ruleset;
  /** Who sends: "anybody who can reach an interface". */
  readonly source: string;
  readonly way: () => Way;
  readonly allowed: readonly Region[];
  /** Whether a field that a rule set counts as what it is now: on the way out, where nobody trusts what it was before. */
  readonly asSent?: boolean;
  /** What it means that packets come to the end of the way. */
  readonly end: Step;
  /** Of the verdict PROVEN. */
  readonly says: string;
}

const MOST = 10;

/** A hop limit of 255 says that no router was between, unless a rule here wrote it. */
const applicable = (allowed: readonly Region[], { touched }: Packets): readonly Region[] =>
  touched === undefined ? allowed : allowed.filter((region) => ![...touched].some((field) => region.has(field)));

const leftOver = (packets: readonly Packets[], allowed: readonly Region[], asSent: boolean): readonly Packets[] =>
  packets.flatMap((each) =>
    // Whatever was rewritten was sent to something else than what the exception names.
    (each.rewritten === undefined
      ? withoutAll(each.fields, asSent ? allowed : applicable(allowed, each))
      : [each.fields]
    )
      .slice(0, 1)
      .map((fields) => ({ ...each, fields })),
  );

/** Whether nothing but the allowed comes to the end of a way, with one packet of each sort that does. */
export const judge = ({ ruleset, source, way, allowed, asSent = false, end, says }: JudgeProps): Verdict => {
  if (ruleset.chains.size === 0)
    return {
      answer: "VIOLATED",
      counterexamples: [{ source, target: "any packet", path: [{ at: "ruleset", says: "has no chain at all" }] }],
    };
  let taken: Way;
  try {
    taken = way();
  } catch (error) {
    if (!(error instanceof TooManyCases)) throw error;
    return { answer: "UNPROVEN", reasons: [{ at: error.message, says: "too many cases to look at" }] };
  }
  const bad = [
    ...leftOver(taken.through, allowed, asSent).map((packets) => ({ packets, end })),
    ...taken.diverted.map((packets) => ({
      packets,
      end: { at: "device", says: "sent out, or copied, past all other chains" },
    })),
  ];
  const sure = bad.filter(({ packets }) => packets.doubts.length === 0);
  if (sure.length > 0)
    return {
      answer: "VIOLATED",
      counterexamples: sure.slice(0, MOST).map(({ packets, end: last }): Counterexample => ({
        source,
        target: witness(packets.fields),
        path: [...packets.trail, last],
      })),
    };
  const doubts = [...ruleset.unread, ...bad.flatMap(({ packets }) => packets.doubts)];
  const reasons = [...new Map(doubts.map((doubt) => [`${doubt.at} ${doubt.says}`, doubt])).values()];
  return reasons.length > 0
    ? { answer: "UNPROVEN", reasons }
    : { answer: "PROVEN", checked: ruleset.rules + ruleset.chains.size, says };
};
