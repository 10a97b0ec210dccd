import { attributeRule } from "./attribute-rule";
import { isLiteral } from "./attributes";

/** Intrusions are found after weeks: a quarter is what PCI DSS 4.0, 10.5.1, wants at hand. */
const DAYS = 90;

export const logsAreKept = attributeRule({
  id: "logs-are-kept-for-a-quarter",
  what: `Every log group says how long it keeps its entries, and that is ${DAYS} days at least.`,
  why: "What happened is asked weeks later; what is kept for ever is paid for ever, and read by whoever comes later.",
  promises: ["P9"],
  controls: ["M0931", "SR 6.2", "AU-11"],
  types: ["aws_cloudwatch_log_group"],
  source: "an intruder who is found late",
  look: ({ values }) =>
    isLiteral(
      "retention_in_days",
      values["retention_in_days"],
      (days) => typeof days === "number" && days >= DAYS,
      `keeps its entries for other than ${DAYS} days and more`,
    ),
});
