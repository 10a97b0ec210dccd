/** A difference that a re-plan shows only because the emulator does not tell back what it was given. */
export interface KnownDifference {
  readonly type: string;
  readonly attribute: string;
  readonly why: string;
}

/** Anything that is not in this list fails the run. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    type: "aws_lb",
    attribute: "subnet_mapping",
    why: "the emulator does not echo allocation_id of a network load balancer's addresses",
  },
];
