/** One step of a counterexample or of a reason: what it is about, and what permits or hides it. */
export interface Step {
  /** A resource's address, an identity's name, or the place in a file. */
  readonly at: string;
  /** Plain words: "its rule lets in tcp 22 from 0.0.0.0/0". */
  readonly says: string;
}

/** What a violation shows: something that an attacker could do, step by step. */
export interface Counterexample {
  /** Who: an address range, an identity, a principal. */
  readonly source: string;
  /** What is reached: a resource with protocol and port, a witness topic, a secret. */
  readonly target: string;
  /** Every hop between the two, with what permits it. Never empty. */
  readonly path: readonly Step[];
}

/**
 * The answer to one property (docs/decisions: unknown means unproven).
 * PROVEN says how many things were looked at: never zero, since a property about nothing proves nothing.
 */
export type Verdict =
  | { readonly answer: "PROVEN"; readonly checked: number; readonly says: string }
  | { readonly answer: "VIOLATED"; readonly counterexamples: readonly Counterexample[] }
  | { readonly answer: "UNPROVEN"; readonly reasons: readonly Step[] };

/** One thing that must hold. One file each, below the folder of its kind. */
export interface Property<Input> {
  /** Stable, kebab-case, for suppressions and reports: `internet-reaches-only-the-listeners`. */
  readonly id: string;
  /** One sentence: what holds. */
  readonly what: string;
  /** One sentence: why it matters at a plant. */
  readonly why: string;
  /** Promises of the white paper it belongs to: `P1` to `P9`. */
  readonly promises: readonly string[];
  /** Crosswalk labels, for the tables of the report. */
  readonly controls: readonly string[];
  readonly check: (input: Input) => Verdict;
}

/** A property's identity beside its verdict: what `prove`, `review` and `report` hand on. */
export interface Proof extends Pick<Property<never>, "id" | "what" | "why" | "promises" | "controls"> {
  readonly verdict: Verdict;
}
