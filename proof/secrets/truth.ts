import type { Step } from "../verdict";

/** Yes, no, or "it depends on something that is not understood": with what. */
export type Truth =
  { readonly holds: true } | { readonly holds: false } | { readonly holds: "maybe"; readonly reasons: readonly Step[] };

export const YES: Truth = { holds: true };
export const NO: Truth = { holds: false };
export const maybe = (...reasons: readonly Step[]): Truth => ({ holds: "maybe", reasons });

const reasonsOf = (truths: readonly Truth[]): readonly Step[] =>
  truths.flatMap((truth) => (truth.holds === "maybe" ? truth.reasons : []));

export const all = (truths: readonly Truth[]): Truth =>
  truths.some(({ holds }) => holds === false)
    ? NO
    : truths.every(({ holds }) => holds === true)
      ? YES
      : maybe(...reasonsOf(truths));

export const any = (truths: readonly Truth[]): Truth =>
  truths.some(({ holds }) => holds === true)
    ? YES
    : truths.every(({ holds }) => holds === false)
      ? NO
      : maybe(...reasonsOf(truths));

export const not = (truth: Truth): Truth => (truth.holds === "maybe" ? truth : truth.holds ? NO : YES);
