/** "We know, and for now we want it so": about one rule and one resource, with a reason and an end. */
export interface Suppression {
  /** Id of the rule. */
  readonly rule: string;
  /** Address of the resource. */
  readonly resource: string;
  /** For whoever reads it in a year: at least ten characters. */
  readonly reason: string;
  /** ISO date: the last day on which it counts. */
  readonly until: string;
}
