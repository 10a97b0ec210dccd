import type { Suppression } from "../hygiene/suppression";

/** What a change does to what is set aside. */
export interface SuppressionChanges {
  readonly added: readonly Suppression[];
  readonly removed: readonly Suppression[];
  /** With another reason or end than before. */
  readonly changed: readonly { readonly was: Suppression; readonly is: Suppression }[];
  /** Of the head: they set nothing aside any more. */
  readonly ended: readonly Suppression[];
}

/**
 * Compares what is set aside before and after a change: who adds to it weakens the proof.
 * @param today ISO date
 */
export const compareSuppressions = (
  base: readonly Suppression[],
  head: readonly Suppression[],
  today: string,
): SuppressionChanges => {
  const [before, after] = [base, head].map((all) => new Map(all.map((one) => [about(one), one]))) as [
    Map<string, Suppression>,
    Map<string, Suppression>,
  ];
  return {
    added: head.filter((one) => !before.has(about(one))),
    removed: base.filter((one) => !after.has(about(one))),
    changed: head.flatMap((is) => {
      const was = before.get(about(is));
      return was && (was.reason !== is.reason || was.until !== is.until) ? [{ was, is }] : [];
    }),
    ended: head.filter(({ until }) => until < today),
  };
};

const about = ({ rule, resource }: Suppression): string => `${rule}\0${resource}`;
