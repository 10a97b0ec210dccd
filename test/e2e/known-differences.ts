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
  {
    type: "aws_lb",
    attribute: "subnets",
    why: "computed from subnet_mapping, and unknown while that differs",
  },
  {
    type: "aws_ecs_service",
    attribute: "availability_zone_rebalancing",
    why: "the emulator does not keep it",
  },
  {
    type: "aws_ecs_service",
    attribute: "health_check_grace_period_seconds",
    why: "the emulator does not keep it",
  },
  {
    type: "aws_vpc_security_group_ingress_rule",
    attribute: "description",
    why: "the emulator keeps descriptions of address ranges alone, not of groups",
  },
  {
    type: "aws_vpc_security_group_egress_rule",
    attribute: "description",
    why: "the emulator keeps descriptions of address ranges alone, not of groups and prefix lists",
  },
];
