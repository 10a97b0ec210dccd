import type { Proof } from "../../proof/verdict";

/** What `dmz prove` and `dmz review` tell their caller. */
export const PROVE_EXIT = { proven: 0, violated: 1, unproven: 2, badInput: 3 } as const;

/** A violation weighs more than what was not understood. Nothing asked is nothing proven. */
export const exitCodeOf = (proofs: readonly Proof[]): number => {
  const has = (answer: string) => proofs.some(({ verdict }) => verdict.answer === answer);
  if (has("VIOLATED")) return PROVE_EXIT.violated;
  return has("UNPROVEN") || proofs.length === 0 ? PROVE_EXIT.unproven : PROVE_EXIT.proven;
};
